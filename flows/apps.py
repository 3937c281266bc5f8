from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from connectors.signals import clock_changed, connection_works


class FlowsConfig(AppConfig):
    name = "flows"

    def ready(self) -> None:
        from flows import checks  # noqa: F401 - registers itself, and may import no models before this

        connection_works.connect(_go_on, dispatch_uid="flows")
        clock_changed.connect(_move_cursors, dispatch_uid="flows")


def _go_on(connection: Any, **kwargs: Any) -> None:
    """Take up what waited for a connection that works again."""
    from flows.services import wake_connection  # models are not loaded when apps are listed

    wake_connection(connection)


def _move_cursors(connection: Any, before: str, after: str, **kwargs: Any) -> None:
    """Read again what the new zone of a source's times puts behind the cursor."""
    from flows.running.source_clock import move_cursors  # models are not loaded when apps are listed

    move_cursors(connection, before=before, after=after)
