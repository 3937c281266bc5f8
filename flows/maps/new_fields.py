"""Usual fields that a flow's maps do not have because they are younger than its map: offered with their defaults.

A field that was in any version of the maps and is gone was taken out by a person, and stays out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apicenter.organizations.models import User
from connectors.registry import UnknownConnector, connector_class
from flows.flow_settings import chosen_settings
from flows.maps import drafts
from flows.maps.changes import FieldChange, FieldPlace, Maps, each_field
from flows.maps.drafts import DraftState
from flows.models import Flow, MapVersion
from flows.services import kind_of


def new_fields(flow: Flow, maps: Maps) -> list[FieldChange]:
    """Return what would add the usual fields that no version of the flow's maps ever had to these maps. One query."""
    present = {place for place, _field, _at in each_field(maps)}
    known = present | set(_ever(flow))
    return [
        FieldChange(place, None, field)
        for place, field, _at in each_field(_usual_maps(flow))
        if place not in known and _has_room(maps, place, present)
    ]


def add_new_fields(flow: Flow, *, author: User | None) -> DraftState:
    """Put them into the draft, as one edit that can be undone."""
    return drafts.add_fields(flow, lambda maps: new_fields(flow, maps), author=author)


def _usual_maps(flow: Flow) -> Maps:
    try:
        connector = connector_class(flow.target.connector)
    except UnknownConnector:
        return {}
    return kind_of(flow).default_maps(connector, chosen_settings(flow))


def _ever(flow: Flow) -> Iterator[FieldPlace]:
    for stored in MapVersion.objects.filter(flow=flow).values_list("maps", flat=True):
        yield from _places(stored)


def _places(stored: Mapping[str, Any]) -> Iterator[FieldPlace]:
    """Yield the places of stored maps without reading them in full: old versions may hold what is refused today."""
    for resource, one in stored.items():
        for in_list, fields in (("", one.get("fields") or ()), *(one.get("lists") or {}).items()):
            for field in fields:
                yield FieldPlace(resource, in_list, str(field.get("target", "")))


def _has_room(maps: Maps, place: FieldPlace, present: set[FieldPlace]) -> bool:
    """Whether the map has that kind of record and list, and maps no field above or below this one as a whole."""
    one = maps.get(place.resource)
    if one is None or (place.in_list and place.in_list not in one.lists):
        return False
    beside = (other.target for other in present if (other.resource, other.in_list) == (place.resource, place.in_list))
    return not any(other.startswith(f"{place.target}.") or place.target.startswith(f"{other}.") for other in beside)
