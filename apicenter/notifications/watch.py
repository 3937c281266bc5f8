"""A mark that something changed: cheap where it happens, looked into by the clock."""

from __future__ import annotations

import uuid

from django.db import transaction

from apicenter.notifications.models import Watch
from apicenter.tenancy import organization_context


def mark_changed(organization_id: uuid.UUID) -> None:
    """Have an organization looked at soon. Called after the commit, so that no transaction waits for another here.

    A mark that is lost does no harm: every organization is looked at now and then anyway.
    """

    def mark() -> None:  # a function with a name: Django cannot report the failure of a partial
        with organization_context(organization_id):
            Watch.objects.filter(is_changed=False).update(is_changed=True)

    transaction.on_commit(mark, robust=True)
