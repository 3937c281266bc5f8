"""The first sentence on the page of a record, and why sending it again would not help."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.needs.answers import replies_to
from dashboard.needs.fixes import reason_of
from dashboard.record.field_lines import CHANGED, FieldLine
from dashboard.words import tile_of
from flows.documents.confirming import DIFFERS, RATES_DIFFER
from flows.maps.samples import Fate, fate_of_change
from flows.models import RunRecord

State = RunRecord.State


def verdict_of(record: RunRecord, lines: Sequence[FieldLine], *, was_sent: bool) -> str:
    """Say in one sentence what became of the record."""
    words = {"system": tile_of(record.flow.target.connector).title, "number": record.target_number}
    if record.state == State.CREATED:
        made = _("Made in %(system)s as %(number)s.") if record.target_number else _("Made in %(system)s.")
        return f"{made % words} {reason_of(record)}".strip()
    if record.state == State.UPDATED:
        return f"{_updated(lines, words['system'])} {reason_of(record)}".strip()
    if record.state == State.UNCHANGED:
        return _("The same as last time, so nothing was sent.")
    reason = reason_of(record)
    if record.state == State.NEEDS_YOU and record.code in (DIFFERS, RATES_DIFFER):
        return reason
    if record.state == State.NEEDS_YOU:
        sent = _("It was sent and not accepted.") if was_sent else _("Nothing was sent.")
        return reason if sent in reason or replies_to(record.code) else f"{reason} {sent}".strip()
    if record.state == State.WAITING:
        return reason or _("It waits for its turn and goes on by itself.")
    return reason or _("Left out.")


def _updated(lines: Sequence[FieldLine], system: str) -> str:
    changed = sum(line.state == CHANGED for line in lines)
    if not changed:
        return _("Updated in %(system)s.") % {"system": system}
    return ngettext(
        "Updated in %(system)s: %(count)s field has another value now.",
        "Updated in %(system)s: %(count)s fields have another value now.",
        changed,
    ) % {"system": system, "count": changed}


def why_not_again(record: RunRecord, *, waits_for_pair: bool) -> str:
    """Return why sending the record again cannot help, or "" if it can."""
    source = {
        "system": tile_of(record.flow.source.connector).title,
        "target": tile_of(record.flow.target.connector).title,
    }
    if record.state == State.NEEDS_YOU:
        return _("Sending it again helps only after a counterpart is chosen.") if waits_for_pair else ""
    if record.state == State.WAITING:
        return _("It goes on by itself; there is nothing to send again.")
    if record.state in (State.CREATED, State.UPDATED):
        accepted = _("It was accepted.")
        return f"{accepted} {_when_it_changes(record) % source}"
    if record.state == State.UNCHANGED:
        same = _("Nothing differs, so there is nothing to send.")
        return f"{same} {_when_it_changes(record) % source}"
    return _("It was left out, for the reason above. When it changes in %(system)s, it is looked at again.") % source


def _when_it_changes(record: RunRecord) -> str:
    """Say what a change in the source leads to once the record is in the target, as the flow is set now."""
    match fate_of_change(record.flow, record.kind):
        case Fate.SENT:
            return _("When it changes in %(system)s, it is sent again by itself.")
        case Fate.REVISED:
            return _("When it changes in %(system)s, it is changed in %(target)s while nobody has worked on it.")
        case Fate.ASKED:
            return _("When it changes in %(system)s, you are shown what differs and asked; nothing is sent by itself.")
        case Fate.LEFT:
            return _("What changes in %(system)s afterwards is not sent: this flow leaves what exists as it is.")
