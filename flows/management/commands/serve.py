"""`manage.py serve`: web server and dispatcher in one process, no broker."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import waitress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.collecting import spare_what_was_loaded
from apicenter.wsgi import application
from flows.running.dispatcher import AlreadyRunning, Dispatcher


class Command(BaseCommand):
    help = "Serve the pages and do the queued work in one process (SQLite or PostgreSQL, no broker)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=urlsplit(settings.SITE_URL).port or 8000)
        parser.add_argument("--threads", type=int, default=12, help="of the web server")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        spare_what_was_loaded()
        try:
            with Dispatcher():
                self.stdout.write(f"{settings.SITE_NAME} is at http://{host}:{port} - stop it with Ctrl+C.")
                waitress.serve(application, host=host, port=port, threads=options["threads"], ident="", _quiet=True)
        except AlreadyRunning as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
