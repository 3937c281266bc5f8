"""`manage.py restore FILE`: put a backup in place of everything there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.backup import BackupUnusable, restore


class Command(BaseCommand):
    help = "Replace the database by the backup in FILE. Stop the platform first; run `migrate` afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        if not yes and input("Everything there is now is replaced. Type “yes” to go on: ") != "yes":
            raise CommandError("Nothing was changed.")
        try:
            made_at = restore(file)
        except BackupUnusable as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        self.stdout.write(f"As it was at {made_at}. Now run `manage.py migrate`, then start the platform.")
