"""Processes that get killed: `python -m tests.crash.worker web [PORT] | dispatch | celery … | sweep | naive FILE`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import django

from tests.crash import control, unprotected

SWEEP_SECONDS = 0.5  # beat's own five seconds would make a test of many kills long


def web(port: int = 0) -> None:
    """Serve the sandbox, and nothing else, on a port of the system's choice unless one is given."""
    import waitress

    from apicenter.wsgi import application

    server = waitress.create_server(application, host="127.0.0.1", port=port, threads=8)
    print(server.effective_port, flush=True)
    server.run()


def dispatch() -> None:
    """Work as `manage.py serve` does, without the web server."""
    from flows.running.dispatcher import Dispatcher

    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: asked_to_stop.set())
    with Dispatcher():
        asked_to_stop.wait()


def celery(arguments: list[str]) -> None:
    """Work as `celery worker` or `celery beat` does."""
    from celery import Celery
    from django.utils import timezone

    from apicenter.celery import app

    Celery.now = lambda self: timezone.now()  # it asks the machine itself otherwise, whose clock stays right here
    app.start(arguments)


def sweep() -> None:
    """Send hints as beat does, only more often."""
    from flows.tasks import sweep as send_hints

    while True:
        send_hints()
        time.sleep(SWEEP_SECONDS)


def naive(done: Path) -> None:
    """Send each order until the answer is good, then write down that it is done: what one would do without thinking."""
    from apicenter.errors import ApicenterError
    from apicenter.tenancy import organization_context, platform_context
    from connectors.models import Connection
    from connectors.services import open_connector
    from tests.crash.naive import ORDERS, order

    with platform_context():
        connection = Connection.unscoped.get(connector="visma_net")
    with organization_context(connection.organization_id), open_connector(connection) as connector:
        target = connector.target("sales_orders")
        while left := [number for number in range(ORDERS) if f"N{number}\n" not in done.read_text().splitlines(True)]:
            try:
                target.create(order(left[0]), reference=f"N{left[0]}")
            except ApicenterError:
                continue  # no good answer: once more
            with done.open("a") as file:
                file.write(f"N{left[0]}\n")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apicenter.settings")
    role, *arguments = sys.argv[1:]
    if folder := os.environ.get("CONTROL_FOLDER"):
        control.move_clock(Path(folder))
        control.fill_disk(Path(folder))
    django.setup()
    if protection := os.environ.get("WITHOUT"):
        unprotected.remove(protection)
    if role == "celery":
        celery(arguments)
    elif role == "naive":
        naive(Path(arguments[0]))
    elif role == "web" and arguments:
        web(int(arguments[0]))
    else:
        {"web": web, "dispatch": dispatch, "sweep": sweep}[role]()


if __name__ == "__main__":
    main()
