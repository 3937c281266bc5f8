"""The connectors there are: our own, and those of installed packages (entry points `apicenter.connectors`)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from connectors.base import Connector

CONNECTORS: dict[str, str] = {
    "spreadsheet": "connectors.spreadsheet.connector:Spreadsheet",
    "teamleader": "connectors.teamleader.connector:Teamleader",
    "visma_net": "connectors.visma_net.connector:VismaNet",
}
GROUP = "apicenter.connectors"


class UnknownConnector(LookupError):
    """No connector has this key."""


@cache
def _installed() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=GROUP)}


def _addresses() -> dict[str, str]:
    return {**_installed(), **CONNECTORS}


def connector_class(key: str) -> type[Connector]:
    """Return the connector. Raises UnknownConnector."""
    address = _addresses().get(key)
    if address is None:
        raise UnknownConnector(f"There is no connector “{key}”. Known are: {', '.join(sorted(_addresses()))}.")
    module, _, name = address.partition(":")
    found = getattr(import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise UnknownConnector(f"{address}, registered as “{key}”, is not a connector.")
    return found


def all_connectors() -> list[type[Connector]]:
    """Return every connector, sorted by title."""
    return sorted((connector_class(key) for key in _addresses()), key=lambda connector: connector.title)
