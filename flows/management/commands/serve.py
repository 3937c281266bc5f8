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
        self._warn_of_another_port(port)
        try:
            with Dispatcher():
                self.stdout.write(f"{settings.SITE_NAME} is at http://{host}:{port} - stop it with Ctrl+C.")
                waitress.serve(application, host=host, port=port, threads=options["threads"], ident="", _quiet=True)
        except AlreadyRunning as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error

    def _warn_of_another_port(self, port: int) -> None:
        """On one's own machine nothing stands in front that leads from the one port to the other."""
        site = urlsplit(settings.SITE_URL)
        if site.hostname in {"127.0.0.1", "localhost"} and (site.port or 80) != port:
            own = f"{site.scheme}://{site.hostname}:{port}"
            self.stderr.write(
                f"Links and the practice systems lead to {settings.SITE_URL}, where this does not answer: "
                f"start it with SITE_URL={own} instead of --port {port}."
            )
