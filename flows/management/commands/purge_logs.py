"""`manage.py purge_logs`: delete log rows whose time is up; the dispatcher and beat do the same every hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from flows.retention import purge_all


class Command(BaseCommand):
    help = "Delete log rows that have outlived their organization's log lifetime."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge_all()} log rows deleted.")
