"""Which flows go over a connection, and what happens to them when it is disconnected."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from apicenter.audit import record_change
from connectors.models import Connection
from connectors.upkeep import erase_access
from connectors.webhook_addresses import end_deliveries
from flows.models import Flow


def flows_using(connections: Iterable[Connection]) -> dict[uuid.UUID, list[Flow]]:
    """Return the flows that read from or write to each of these connections: one query."""
    keys = [one.pk for one in connections]
    found: dict[uuid.UUID, list[Flow]] = {key: [] for key in keys}
    rows = Flow.objects.filter(Q(source__in=keys) | Q(target__in=keys)).select_related("source", "target")
    for flow in rows.order_by("created_at", "name"):
        for key in {flow.source_id, flow.target_id} & found.keys():
            found[key].append(flow)
    return found


def disconnect(connection: Connection) -> int:
    """Pause every active flow over this connection and forget its access. Returns how many flows were paused.

    Records that wait stay; they go on when the connection is made again and the flows are resumed.
    """
    end_deliveries(connection)  # as long as the access is there
    with transaction.atomic():
        active = [flow for flow in flows_using([connection])[connection.pk] if flow.state == Flow.State.ACTIVE]
        for flow in active:
            flow.pause("connection.disconnected", {"connection": connection.name})
            record_change("flow.paused", subject=flow.name)
        erase_access(connection)
    return len(active)
