"""Fields of maps by their place, what differs between two sets of maps, and doing or undoing such differences. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.maps import FieldMap, ResourceMap

Maps = Mapping[str, ResourceMap]


@dataclass(frozen=True, slots=True, order=True)
class FieldPlace:
    """Where a field of a map stands: kind of record, list inside it ("" = the record itself), target path."""

    resource: str
    in_list: str
    target: str

    @property
    def key(self) -> str:
        """One text for it, to store."""
        return f"{self.resource}|{self.in_list}|{self.target}"

    @classmethod
    def of(cls, key: str) -> FieldPlace:
        return cls(*key.split("|", maxsplit=2))

    @property
    def path(self) -> str:
        """The field as errors name it."""
        return f"{self.in_list}.{self.target}" if self.in_list else self.target


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field before and after; None = not mapped. `at` is its position, to put it back where it stood."""

    place: FieldPlace
    before: FieldMap | None
    after: FieldMap | None
    at: int = -1

    @property
    def reversed(self) -> FieldChange:
        return FieldChange(self.place, self.after, self.before, self.at)

    def to_json(self) -> dict[str, Any]:
        before, after = (one.model_dump(mode="json") if one else None for one in (self.before, self.after))
        return {"place": self.place.key, "before": before, "after": after, "at": self.at}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FieldChange:
        before, after = (FieldMap.model_validate(one) if one else None for one in (data["before"], data["after"]))
        return cls(FieldPlace.of(data["place"]), before, after, data["at"])


def read_maps(stored: Mapping[str, Any]) -> dict[str, ResourceMap]:
    """Return stored maps as models. Raises pydantic.ValidationError for anything else."""
    return {resource: ResourceMap.model_validate(data) for resource, data in stored.items()}


def stored_maps(maps: Maps) -> dict[str, Any]:
    return {resource: one.model_dump(mode="json") for resource, one in maps.items()}


def each_field(maps: Maps) -> Iterator[tuple[FieldPlace, FieldMap, int]]:
    """Yield every field with its place and position."""
    for resource, one in maps.items():
        for in_list, fields in (("", one.fields), *one.lists.items()):
            for at, field in enumerate(fields):
                yield FieldPlace(resource, in_list, field.target), field, at


def find_field(maps: Maps, place: FieldPlace) -> FieldMap | None:
    return next((field for found, field, _at in each_field(maps) if found == place), None)


def diff_maps(before: Maps, after: Maps) -> list[FieldChange]:
    """Return what differs, in the order of the new maps; what is gone comes last."""
    old = {place: (field, at) for place, field, at in each_field(before)}
    changes: list[FieldChange] = []
    for place, field, at in each_field(after):
        was, _was_at = old.pop(place, (None, at))
        if was != field:
            changes.append(FieldChange(place, was, field, at))
    return changes + [FieldChange(place, field, None, at) for place, (field, at) in old.items()]


def apply_changes(maps: Maps, changes: Sequence[FieldChange]) -> dict[str, ResourceMap]:
    """Return the maps with each field as the changes want it, whatever it was before."""
    result = dict(maps)
    for change in changes:
        place = change.place
        one = result.get(place.resource, ResourceMap(fields=()))
        fields = _placed(one.lists.get(place.in_list, ()) if place.in_list else one.fields, change)
        if place.in_list:
            result[place.resource] = one.model_copy(update={"lists": {**one.lists, place.in_list: fields}})
        else:
            result[place.resource] = one.model_copy(update={"fields": fields})
    return result


def _placed(fields: tuple[FieldMap, ...], change: FieldChange) -> tuple[FieldMap, ...]:
    rows = list(fields)
    present = next((at for at, one in enumerate(rows) if one.target == change.place.target), None)
    if change.after is None:
        return tuple(one for one in rows if one.target != change.place.target)
    if present is not None:
        rows[present] = change.after
    elif 0 <= change.at < len(rows):
        rows.insert(change.at, change.after)
    else:
        rows.append(change.after)
    return tuple(rows)


def with_preset_fields(
    present: ResourceMap, usual: ResourceMap, tables: Mapping[str, str], values: Collection[str] = ()
) -> ResourceMap | None:
    """Return a map with the usual fields of these tables (table: setting) and resolved values, or None if it has all.

    What a person mapped to such a field stays; one that only takes the setting's value, or what the usual one falls
    back on, is replaced.
    """
    fields = _with_fields(present.fields, usual.fields, tables, values)
    lists = {
        name: _with_fields(rows, usual.lists.get(name, ()), tables, values) for name, rows in present.lists.items()
    }
    found = present.model_copy(update={"fields": fields, "lists": lists})
    return None if found == present else found


def _with_fields(
    present: tuple[FieldMap, ...], usual: tuple[FieldMap, ...], tables: Mapping[str, str], values: Collection[str]
) -> tuple[FieldMap, ...]:
    fields = {one.target: one for one in present}
    for one in usual:
        origin = one.source or one.expression
        if one.table not in tables and not any(origin == value or origin.startswith(f"{value} ||") for value in values):
            continue
        there = fields.get(one.target)
        earlier = {f"resolved.{tables.get(one.table)}", *origin.split(" || ")[1:]}
        only_setting = there is not None and there.source in earlier and not there.table
        if only_setting or (there is None and not _is_taken(one.target, fields)):
            fields[one.target] = one
    return tuple(fields.values())


def _is_taken(target: str, fields: Mapping[str, FieldMap]) -> bool:
    """Whether a field above or below this one is mapped as a whole."""
    return any(other.startswith(f"{target}.") or target.startswith(f"{other}.") for other in fields)
