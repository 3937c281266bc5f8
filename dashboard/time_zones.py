"""Time zones to choose from, by part of the world."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

AREAS = ("Europe", "Africa", "America", "Asia", "Atlantic", "Australia", "Indian", "Pacific")

Choices = list[tuple[str, list[tuple[str, str]]]]


@cache
def zone_choices() -> Choices:
    """Return the zones as a select shows them: grouped, Europe first, without the old and technical names."""
    groups: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(available_timezones()):
        area, _, place = name.partition("/")
        if area in groups:
            groups[area].append((name, place.replace("_", " ")))
    return [("UTC", [("UTC", "UTC")])] if not any(groups.values()) else [*groups.items(), ("UTC", [("UTC", "UTC")])]
