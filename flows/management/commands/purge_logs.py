"""`manage.py purge_logs`: delete what has had its time; the dispatcher and beat do the same every hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from flows.log.retention import purge_all


class Command(BaseCommand):
    help = "Delete whatever has had its time: log rows, files, entries of the trail, invitations, ended sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compact",
            action="store_true",
            help="write the database anew afterwards, so that nothing of what was deleted is left in its files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge_all()} log rows deleted.")
        if options["compact"]:
            _compact()


def _compact() -> None:
    """Both servers leave deleted bytes where they were until a table is written anew; SQLite keeps some in its log."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM (FULL)")
