"""What a cause is, and where it can be solved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Fix(StrEnum):
    """Where a cause is solved."""

    CONNECTION = "connection"  # reconnect, or correct what was entered
    VALUE_TABLE = "value_table"  # choose the missing pair
    MAPPING = "mapping"  # change a field of the map
    SETTING = "setting"  # change a setting of the flow
    SOURCE = "source"  # correct the record in the source system
    TARGET = "target"  # correct something in the target system
    CHOOSE = "choose"  # pick one of several candidates
    PLAN = "plan"  # choose a plan
    WAIT = "wait"  # nothing: it is tried again by itself
    SUPPORT = "support"  # tell us


@dataclass(frozen=True)
class Cause:
    """What a code means to the person who reads it."""

    text: Promise
    fix: Fix
