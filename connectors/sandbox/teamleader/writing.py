"""The generic `.add` and `.update`: a shape says which keys a method takes and how each is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone

from connectors.sandbox.announcing import announce
from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused, stamp
from connectors.sandbox.teamleader.reading import refuse_unknown

Body = dict[str, Any]
Read = Callable[[Account, Any, str], Any]


@dataclass(frozen=True)
class Key:
    """One key of a request: how its value is read, under what name it is kept, and when it may be null."""

    read: Read
    kept_as: str = ""
    null: Literal["never", "update", "always"] = "never"
    is_kept: bool = True


@dataclass(frozen=True)
class Shape:
    """What `.add` and `.update` of one kind take. `blank` is a new record before the request is laid over it."""

    kind: str
    keys: Mapping[str, Key]
    blank: Body
    required: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    field_context: tuple[str, ...] = ()


def add(incoming: Incoming, shape: Shape) -> Reply:
    """Create a record; 201 with its id."""
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {*shape.keys, "custom_fields"}, Options.of(incoming.account))
    for name in shape.required:
        if asked.get(name) in (None, ""):
            raise Refused(f"{name} must be present", field=name)
    if shape.any_of and not any(asked.get(name) for name in shape.any_of):
        raise Refused(f"{' or '.join(shape.any_of)} must be present", field=shape.any_of[0])
    now = timezone.now().replace(microsecond=0)
    key = str(uuid.uuid4())
    values = _values(incoming.account, asked, shape, is_update=False)
    body = {"id": key, **shape.blank, **values, "added_at": stamp(now), "updated_at": stamp(now)}
    Thing.objects.create(account=incoming.account, kind=shape.kind, key=key, body=body, created_at=now, modified_at=now)
    announce(incoming.account, shape.kind, "created" if shape.kind == "deal" else "added", key)
    return Reply(201, {"data": {"type": shape.kind, "id": key}})


def update(incoming: Incoming, shape: Shape) -> Reply:
    """Change a record: keys that are given replace, collections as a whole; 204."""
    asked = checks.mapping(incoming.body, field="body")
    known = {"id", *shape.keys, "custom_fields", "custom_fields_update_strategy"}
    refuse_unknown(asked, known, Options.of(incoming.account))
    thing = checks.found(incoming.account, shape.kind, asked.get("id"))
    for name in shape.required:
        if name in asked and asked[name] in (None, ""):
            raise Refused(f"{name} must be present", field=name)
    values = _values(incoming.account, asked, shape, is_update=True)
    if "custom_fields" in values and asked.get("custom_fields_update_strategy") == "partial":
        values["custom_fields"] = _merged(thing.body["custom_fields"], values["custom_fields"])
    thing.body.update(values)
    if shape.any_of and not any(thing.body.get(name) for name in shape.any_of):
        raise Refused(f"{' or '.join(shape.any_of)} must be present", field=shape.any_of[0])
    save(thing)
    return Reply(204)


def save(thing: Thing, *, now: datetime | None = None) -> None:
    """Keep a changed body: the time of change moves, in whole seconds as the API writes it."""
    at = (now or timezone.now()).replace(microsecond=0)
    thing.modified_at = at
    thing.version += 1
    if "updated_at" in thing.body:
        thing.body["updated_at"] = stamp(at)
    thing.save(update_fields=["body", "modified_at", "version"])
    announce(thing.account, thing.kind, "updated", thing.key)


def _values(account: Account, asked: Body, shape: Shape, *, is_update: bool) -> Body:
    values: Body = {}
    for name, value in asked.items():
        key = shape.keys.get(name)
        if name == "custom_fields":
            values[name] = _custom_fields(account, value, shape.field_context)
        elif key is not None and value is None:
            if key.null == "never" or (key.null == "update" and not is_update):
                raise Refused(f"{name} must not be null", field=name)
            values[key.kept_as or name] = [] if isinstance(shape.blank.get(key.kept_as or name), list) else None
        elif key is not None:
            read = key.read(account, value, name)
            if key.is_kept:
                values[key.kept_as or name] = read
    return values


def _merged(old: list[Body], new: list[Body]) -> list[Body]:
    fields = {entry["definition"]["id"]: entry for entry in (*old, *new)}
    return list(fields.values())


def _custom_fields(account: Account, value: Any, contexts: tuple[str, ...]) -> list[Body]:
    entries = [checks.mapping(entry, field="custom_fields") for entry in checks.array(value, field="custom_fields")]
    keys = [checks.identifier(entry.get("id"), field="custom_fields.id") for entry in entries]
    rows = Thing.objects.filter(account=account, kind="customFieldDefinition", key__in=keys)
    definitions = {thing.key: thing.body for thing in rows}
    fields = []
    for key, entry in zip(keys, entries, strict=True):
        definition = definitions.get(key)
        if definition is None or definition["context"] not in contexts:
            raise Refused("custom_fields: customFieldDefinition not found", field="custom_fields")
        fields.append(
            {
                "definition": {"type": "customFieldDefinition", "id": key},
                "value": _custom_value(account, entry.get("value"), definition),
            }
        )
    return fields


_NUMBERS = ("integer", "number", "money", "auto_increment")
_LINKS = ("company", "contact", "product", "user")


def _custom_value(account: Account, value: Any, definition: Body) -> Any:
    kind, name = definition["type"], f"custom_fields.{definition['label']}"
    options = {option["value"] for option in definition["configuration"].get("options", ())}
    if value is None:
        return None
    if kind in _NUMBERS:
        found = checks.number(value, field=name)
        if kind == "integer" and found != int(found):
            raise Refused(f"{name} must be an integer", field=name)
        return found
    if kind == "boolean":
        return checks.boolean(value, field=name)
    if kind in _LINKS:
        return checks.reference(account, checks.mapping(value, field=name).get("id"), kind=kind, field=name)
    if kind == "multi_select":
        return [checks.one_of(item, options, field=name) for item in checks.array(value, field=name)]
    if kind == "single_select" and not definition["configuration"].get("extra_option_allowed"):
        return checks.one_of(value, options, field=name)
    if kind == "date":
        return checks.day(value, field=name)
    return checks.email(value, field=name) if kind == "email" else checks.text(value, field=name)
