"""One check of a set-up, as green, amber or red."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Place(StrEnum):
    """Where something is put right."""

    CONNECTION = "connection"
    TABLE = "table"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Light:
    """One check. `target` is the id of the connection, or the name of the table, at its place."""

    title: str
    level: Level
    text: str
    place: Place | None = None
    target: str = ""
