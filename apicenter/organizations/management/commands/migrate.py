"""Django's own `migrate`, for every organization at once."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from apicenter.tenancy import platform_context


class Command(migrate.Command):
    """A migration that changes rows means those of every organization: without this PostgreSQL would show it none."""

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_context():
            super().handle(*args, **options)
