"""`manage.py backup FILE`: everything the platform keeps, in one file, while it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.backup import BackupUnusable, back_up


class Command(BaseCommand):
    help = "Write a backup of the database to FILE. APICENTER_KEYS is not in it: keep that elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            size = back_up(file)
        except BackupUnusable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {size:,} bytes. Keep APICENTER_KEYS with it, but not in the same place.")
