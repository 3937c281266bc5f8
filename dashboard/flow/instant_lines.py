"""Instant updates in words: on, or off because of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apicenter.causes import Fix, fix_for, sentence
from connectors.models import Connection
from connectors.webhook_addresses import announces, can_register, find_address
from dashboard.words import tile_of
from flows.models import Flow
from flows.triggers.instant import is_announced, why_not, why_off


@dataclass(frozen=True, slots=True)
class InstantLine:
    """Whether changes are told, why not, and when something was told last."""

    is_on: bool
    words: str
    why: str = ""  # the cause's code when it is off
    told_at: datetime | None = None

    @property
    def leads_to_connection(self) -> bool:
        return bool(self.why) and fix_for(self.why) is Fix.CONNECTION


def line_of_flow(flow: Flow) -> InstantLine:
    """Return how it stands for one flow."""
    if why := why_not(flow):
        return _off(flow.source, why, flow.hinted_at)
    return _on(flow.source, flow.hinted_at)


def line_of_connection(connection: Connection, flows: Sequence[Flow]) -> InstantLine | None:
    """Return how it stands for a connection, None for a system that never tells of changes."""
    if not announces(connection):
        return None
    reading = [flow for flow in flows if flow.source_id == connection.pk and flow.state == Flow.State.ACTIVE]
    if not any(flow.reacts_at_once and is_announced(flow) for flow in reading):
        return InstantLine(False, _("off, because no active flow asks for them"))
    address = find_address(connection)
    told_at = address.last_at if address else None
    if why := why_off(connection):
        return _off(connection, why, told_at)
    return _on(connection, told_at)


def _off(connection: Connection, why: str, told_at: datetime | None) -> InstantLine:
    address = find_address(connection)
    params = address.problem_params if address else {}
    reason = sentence(why, {"system": tile_of(connection.connector).title, **params})
    return InstantLine(False, _("off: %(reason)s") % {"reason": reason}, why, told_at)


def _on(connection: Connection, told_at: datetime | None) -> InstantLine:
    address = find_address(connection)
    if address is None or (can_register(connection) and not address.kinds):
        return InstantLine(False, _("being switched on"), told_at=told_at)
    return InstantLine(True, _("on") if told_at else _("on, nothing was told yet"), told_at=told_at)
