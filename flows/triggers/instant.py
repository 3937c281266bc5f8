"""Instant updates: whether the systems announce what active flows read, and mending it where they do not.

What should stand at a system follows from the flows; what stands there is noted on the connection's address. Both are
compared by the clock, so that activating, pausing, deleting and a changed setting all lead to the same, and a failure
is simply tried again. Polling stays the truth: nothing here ever stops a flow.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context, platform_context
from connectors.models import Connection, WebhookAddress
from connectors.registry import connector_class
from connectors.webhook_addresses import address_of, announces, ask_for, can_register, find_address, why_unreachable
from flows.catalog.registry import flow_kind
from flows.models import Flow, KeyToRead

logger = logging.getLogger(__name__)
LOOK_AGAIN = timedelta(days=1)  # what stands at the system is compared with what should
RETRY = timedelta(hours=1)
CLAIM = timedelta(minutes=10)


def set_reacts_at_once(flow: Flow, *, wanted: bool) -> None:
    """Choose whether a flow reads at once what its source announces."""
    if flow.reacts_at_once == wanted:
        return
    flow.reacts_at_once = wanted
    with transaction.atomic():
        flow.save(update_fields=["reacts_at_once"])
        if not wanted:
            KeyToRead.objects.filter(flow=flow, run=None).delete()
        record_change("flow.instant_changed", subject=flow.name, before={"on": not wanted}, after={"on": wanted})


def make_webhook_address(connection: Connection) -> WebhookAddress:
    """Make the address that somebody enters in the system's own pages, or return the one there is."""
    found = find_address(connection)
    if found is not None:
        return found
    with transaction.atomic():
        record_change("connection.address_made", subject=connection.name)
        return address_of(connection)


def why_not(flow: Flow) -> str:
    """Return the cause for which a flow gets no instant updates, "" when it gets them or is about to."""
    connection = flow.source
    if not announces(connection) or not is_announced(flow):
        return "instant.unsupported"
    if not flow.reacts_at_once:
        return "instant.off"
    return why_off(connection)


def why_off(connection: Connection) -> str:
    """Return the cause for which a connection gets none although its flows want them, or ""."""
    if reason := why_unreachable(connection):
        return reason
    address = find_address(connection)
    if can_register(connection):
        return address.problem_code if address else ""
    secrets = connector_class(connection.connector).webhooks
    if secrets is not None and secrets.secret_field and not connection.read_secrets().get(secrets.secret_field):
        return "hint.no_secret"
    return address.refused_code if address and address.refused_at and _is_latest_refused(address) else ""


def _is_latest_refused(address: WebhookAddress) -> bool:
    return address.last_at is None or (address.refused_at is not None and address.refused_at > address.last_at)


def is_announced(flow: Flow) -> bool:
    """Whether the source's system has events for what this flow reads."""
    webhooks = connector_class(flow.source.connector).webhooks
    return webhooks is not None and flow_kind(flow.kind).source_kind in webhooks.kinds


def bring_into_line() -> int:
    """Ask every system for exactly what its active flows need. Returns for how many connections that was done."""
    now = timezone.now()
    with platform_context():
        wanted = _wanted_kinds()
        addresses = {row.connection_id: row for row in WebhookAddress.unscoped.all()}
        due = [pk for pk in wanted.keys() | addresses.keys() if _is_due(wanted.get(pk, set()), addresses.get(pk), now)]
        reachable = Connection.unscoped.filter(pk__in=due, state=Connection.State.OK)
        connections = list(reachable.select_related("organization"))
    return sum(_settle(connection, wanted.get(connection.pk, set()), now) for connection in connections)


def _wanted_kinds() -> dict[uuid.UUID, set[str]]:
    """Return the sources of each connection that active flows want to hear of."""
    flows = Flow.unscoped.filter(state=Flow.State.ACTIVE, reacts_at_once=True).select_related("source")
    wanted: dict[uuid.UUID, set[str]] = defaultdict(set)
    for flow in flows:
        if can_register(flow.source) and is_announced(flow) and not why_unreachable(flow.source):
            wanted[flow.source_id].add(flow_kind(flow.kind).source_kind)
    return wanted


def _is_due(kinds: set[str], address: WebhookAddress | None, now: datetime) -> bool:
    if address is None:
        return bool(kinds)
    if address.try_at is not None and address.try_at > now:
        return False
    is_old = address.checked_at is None or address.checked_at < now - LOOK_AGAIN
    return set(address.kinds) != kinds or bool(kinds and (address.problem_code or is_old))


def _settle(connection: Connection, kinds: set[str], now: datetime) -> bool:
    """Claim one connection and ask its system; what goes wrong is noted and tried again later."""
    with organization_context(connection.organization_id):
        if not can_register(connection):
            return False
        mine = WebhookAddress.objects.filter(pk=address_of(connection).pk)
        if not mine.exclude(try_at__gt=now).update(try_at=now + CLAIM):
            return False
        try:
            ask_for(connection, kinds)
        except ApicenterError as error:
            logger.warning("no instant updates for connection %s: %s %s", connection.pk, error.code, error.detail)
            mine.update(problem_code=error.code, problem_params=dict(error.params), try_at=now + RETRY)
            return False
    return True
