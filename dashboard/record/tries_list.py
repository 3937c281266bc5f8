"""What happened to a record, step by step, as the page of the record tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dashboard.marks import mark_of_record
from dashboard.needs.cause_words import cause_title
from flows.engine import tries
from flows.models import RunRecord

State = RunRecord.State
LOOKS = {"ok": "", "warn": "warn", "bad": "bad", "idle": "idle", "run": "run"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    icon: str
    look: str
    title: str
    at: datetime | None = None
    note: str = ""


def steps_of(record: RunRecord) -> list[Step]:
    """Return the tries to send and what people decided, oldest first."""
    return [_step(entry) for entry in record.tries]


def _step(entry: tries.Entry) -> Step:
    at = datetime.fromisoformat(entry["at"])
    if entry["what"] == tries.AGAIN:
        return Step("refresh", "idle", _("Sent again"), at, _by(entry))
    if entry["what"] == tries.ASIDE:
        return Step("circle-minus", "idle", _("Set aside"), at, _by(entry))
    if entry["what"] == tries.BACK:
        return Step("arrow-back-up", "idle", _("Taken back"), at, _by(entry))
    return _tried(entry, at)


def _tried(entry: tries.Entry, at: datetime) -> Step:
    state, code = entry.get("state", ""), entry.get("code", "")
    known = state if state in State.values else State.WAITING
    look = LOOKS[mark_of_record(known).kind]
    if known in (State.CREATED, State.UPDATED):
        return Step("send", "", _("Sent and accepted"), at)
    if known == State.UNCHANGED:
        return Step("circle-minus", "idle", _("Nothing to send"), at)
    return Step("send", look, _("Tried to send"), at, cause_title(code) if code else "")


def _by(entry: tries.Entry) -> str:
    return _("by %(name)s") % {"name": entry["who"]} if entry.get("who") else _("by itself")
