from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from connectors.signals import connection_works


class FlowsConfig(AppConfig):
    name = "flows"

    def ready(self) -> None:
        connection_works.connect(_go_on, dispatch_uid="flows")


def _go_on(connection: Any, **kwargs: Any) -> None:
    """Take up what waited for a connection that works again."""
    from flows.services import wake_connection  # models are not loaded when apps are listed

    wake_connection(connection)
