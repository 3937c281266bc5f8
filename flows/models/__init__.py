"""What flows keep, by subject; the rest of the code imports it from here."""

from __future__ import annotations

from flows.models.alarms import Alarm
from flows.models.causes import CauseNote, CauseTask, KeptApart, RecordNote, Ruling
from flows.models.flows import Flow, FlowHook
from flows.models.jobs import Heartbeat, Job
from flows.models.maps import MapDraft, MapVersion, ValueRow, ValueTable
from flows.models.pairs import Binding, Candidate, Intent
from flows.models.portions import PortionMemory
from flows.models.runs import IS_OPEN, RecordMark, Run, RunRecord, Tally
from flows.models.triggers import KeyToRead, LeftOut, Reconciliation

__all__ = [
    "IS_OPEN",
    "Alarm",
    "Binding",
    "Candidate",
    "CauseNote",
    "CauseTask",
    "Flow",
    "FlowHook",
    "Heartbeat",
    "Intent",
    "Job",
    "KeptApart",
    "KeyToRead",
    "LeftOut",
    "MapDraft",
    "MapVersion",
    "PortionMemory",
    "Reconciliation",
    "RecordMark",
    "RecordNote",
    "Ruling",
    "Run",
    "RunRecord",
    "Tally",
    "ValueRow",
    "ValueTable",
]
