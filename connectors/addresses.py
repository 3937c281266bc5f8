"""Where a connection's calls go: the vendor's addresses, or those of the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from connectors.models import Connection

if TYPE_CHECKING:
    from connectors.base import Connector

SANDBOX_PATHS = {
    "teamleader": {"api": "/teamleader/api", "auth": "/teamleader"},
    "visma_net": {"api": "/visma-net/erp", "order": "/visma-net/salesorder", "connect": "/visma-net/connect"},
}


def base_urls(connection: Connection, connector: type[Connector]) -> dict[str, str]:
    """Return the base address of each of the connector's hosts. Raises ValueError for a system without a sandbox."""
    if connection.environment != Connection.Environment.SANDBOX or not connector.hosts:
        return {host: str(getattr(settings.ENV, setting)) for host, setting in connector.hosts.items()}
    paths = SANDBOX_PATHS.get(connector.key)
    if paths is None:
        raise ValueError(f"There is no sandbox for {connector.title}.")
    sandbox = settings.ENV.SANDBOX_URL or f"{settings.ENV.SITE_URL}/sandbox"
    return {host: f"{sandbox.rstrip('/')}{paths[host]}" for host in connector.hosts}
