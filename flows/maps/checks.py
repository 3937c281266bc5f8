"""What is wrong with a set of maps before it is published: by itself, without any record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.base import FieldInfo
from connectors.maps import FieldMap, ResourceMap, When
from connectors.services import offline_connector
from flows.engine.work import tables_of
from flows.maps.changes import FieldPlace, Maps, each_field, find_field
from flows.maps.drafts import live_maps
from flows.maps.field_lists import target_fields, target_of
from flows.maps.look_ups import places_of
from flows.maps.mapping import compile_map
from flows.models import Flow
from flows.transforms.look_up import LOOK_UP


@dataclass(frozen=True, slots=True)
class Problem:
    """A field that keeps the maps from being published: which one, what a person calls it, and why."""

    place: FieldPlace
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}: {self.text}"


class NotPublishable(ValueError):
    """The maps cannot go live. `problems` says why, field by field; `str(error)` names the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(one.place.path for one in problems))
        self.problems = problems

    def __str__(self) -> str:
        return str(self.problems[0])


def check_maps(flow: Flow, maps: Maps) -> list[Problem]:
    """Return every problem of these maps; none means that they may go live. Calls nobody."""
    tables = set(tables_of(flow))
    problems: list[Problem] = []
    for resource, one in maps.items():
        titles = _titles(flow, resource)
        problems += _broken(flow, resource, one, titles, tables)
        problems += _missing(flow, resource, one, titles)
    return problems + _without_key(flow, maps)


def is_sound(field: FieldMap, *, in_list: str = "") -> bool:
    """Return whether a field can be made ready to run."""
    return not why_broken(field, in_list=in_list)


def why_broken(field: FieldMap, *, in_list: str = "") -> str:
    """Return what is wrong with a field by itself, or ""."""
    lists = {in_list: (field,)} if in_list else {}
    try:
        compile_map(ResourceMap(fields=() if in_list else (field,), lists=lists))
    except MappingError as error:
        return reason(error)
    return ""


def reason(error: MappingError) -> str:
    """Return why a field could not be made without saying again which one, as a sentence."""
    why = str(error.params.get("why", ""))
    return f"{why[:1].upper()}{why[1:]}." if error.code == "mapping.failed" and why else str(error)


def key_place(flow: Flow, resource: str) -> FieldPlace:
    """Return the field by which a record is recognised in the target."""
    return FieldPlace(resource, "", target_of(flow, resource).natural_key)


def _titles(flow: Flow, resource: str) -> dict[str, FieldInfo]:
    return {one.path: one for one in target_fields(flow, resource, is_offline=True).fields}


def _nowhere(flow: Flow, field: FieldMap) -> str:
    """Return that a field looks in something that the target does not have, or ""."""
    wanted = {str(step.args.get("where", "")) for step in field.steps if step.fn == LOOK_UP}
    connector = offline_connector(flow.target)
    if wanted <= set(places_of(connector)):
        return ""
    return _("Choose what to look in: %(system)s does not have it.") % {"system": connector.title}


def _broken(
    flow: Flow, resource: str, one: ResourceMap, titles: dict[str, FieldInfo], tables: set[str]
) -> Iterator[Problem]:
    is_any = False
    for place, field, _at in each_field({resource: one}):
        text = why_broken(field, in_list=place.in_list)
        if not text and field.table and field.table not in tables:
            text = _("There is no value table “%(table)s” in this flow.") % {"table": field.table}
        text = text or _nowhere(flow, field)
        if text:
            is_any = True
            yield Problem(place, _title(titles, place), text)
    if is_any:
        return
    try:
        compile_map(one)
    except MappingError as error:
        place = FieldPlace(resource, "", error.field)
        yield Problem(place, _title(titles, place), reason(error))


def _missing(flow: Flow, resource: str, one: ResourceMap, titles: dict[str, FieldInfo]) -> Iterator[Problem]:
    filled = {place.path for place, field, _at in each_field({resource: one}) if field.when is not When.NEVER}
    for path, info in titles.items():
        head, _dot, rest = path.partition(".")
        in_list = head if rest and head in one.lists else ""
        if info.is_required and path not in filled:
            place = FieldPlace(resource, in_list, rest if in_list else path)
            text = _("%(system)s requires this field, and nothing fills it.") % {
                "system": target_of(flow, resource).connector.title
            }
            yield Problem(place, str(info.title), text)


def _without_key(flow: Flow, maps: Maps) -> list[Problem]:
    live = live_maps(flow)
    problems: list[Problem] = []
    for resource in maps:
        place = key_place(flow, resource)
        before, after = find_field(live, place), find_field(maps, place)
        if before is not None and (after is None or after.when is not before.when):
            text = _("Records are recognised by this field, so it is always sent.")
            problems.append(Problem(place, _title(_titles(flow, resource), place), text))
    return problems


def _title(titles: dict[str, FieldInfo], place: FieldPlace) -> str:
    info = titles.get(place.path)
    return str(info.title) if info else place.path
