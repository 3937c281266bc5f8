"""What a resource of Teamleader Focus lists: its filters, sort fields and what only `.info` tells.

A filter is either a condition the database answers (`where`) or a test of one body (`keep`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused, read_stamp

Body = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """One key of `filter`: `read` checks the value, `where` or `keep` uses it."""

    read: Callable[[Any, str, Options], Any]
    where: Callable[[Any], Q] | None = None
    keep: Callable[[Body, Any], bool] | None = None


@dataclass(frozen=True)
class Resource:
    """What the generic list and info need to know. `info_only` and `list_only` hold dotted paths."""

    name: str
    kind: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: Mapping[str, Any] = field(default_factory=dict)
    default_sort: tuple[str, str] | None = None
    info_only: tuple[str, ...] = ()
    list_only: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()  # in list rows only with includes=
    optional_info: tuple[str, ...] = ()  # in info only with includes=
    is_pageable: bool = True
    has_info: bool = True
    has_meta: bool = False  # includes=pagination adds meta
    has_default: bool = False  # meta.default names the default record


def ids() -> Filter:
    return Filter(lambda value, name, _: checks.identifiers(value, field=name), where=lambda value: Q(key__in=value))


def updated_since() -> Filter:
    return Filter(
        lambda value, name, options: read_stamp(value, field=name, refuse_zulu=options.refuse_zulu),
        where=lambda value: Q(modified_at__gte=value),
    )


def created_before() -> Filter:
    return Filter(
        lambda value, name, options: read_stamp(value, field=name, refuse_zulu=options.refuse_zulu),
        where=lambda value: Q(created_at__lte=value),
    )


def equals(path: str) -> Filter:
    """Equal text at a path such as `deal__id`."""
    return Filter(
        lambda value, name, _: checks.text(value, field=name), where=lambda value: Q(**{f"body__{path}": value})
    )


def refers_to(path: str) -> Filter:
    return Filter(
        lambda value, name, _: checks.identifier(value, field=name),
        where=lambda value: Q(**{f"body__{path}__id": value}),
    )


def refers_to_any(path: str) -> Filter:
    def read(value: Any, name: str, _: Options) -> list[str]:
        return checks.identifiers(value if isinstance(value, list) else [value], field=name)

    return Filter(read, where=lambda value: Q(**{f"body__{path}__id__in": value}))


def customer(path: str) -> Filter:
    def read(value: Any, name: str, _: Options) -> tuple[str, str]:
        given = checks.mapping(value, field=name)
        kind = checks.one_of(given.get("type"), ("contact", "company"), field=f"{name}.type")
        return kind, checks.identifier(given.get("id"), field=f"{name}.id")

    return Filter(read, where=lambda value: Q(**{f"body__{path}__type": value[0], f"body__{path}__id": value[1]}))


def status_in(*allowed: str, path: str = "status") -> Filter:
    def read(value: Any, name: str, _: Options) -> list[str]:
        return [checks.one_of(item, allowed, field=name) for item in checks.array(value, field=name)]

    return Filter(read, where=lambda value: Q(**{f"body__{path}__in": value}))


def status_is(*allowed: str) -> Filter:
    return Filter(
        lambda value, name, _: checks.one_of(value, allowed, field=name), where=lambda value: Q(body__status=value)
    )


def boolean(path: str) -> Filter:
    return Filter(
        lambda value, name, _: checks.boolean(value, field=name), where=lambda value: Q(**{f"body__{path}": value})
    )


def term(*paths: str) -> Filter:
    """Part of the text at one of the paths, in any letter case."""

    def where(value: str) -> Q:
        condition = Q()
        for path in paths:
            condition |= _if_not_null(path, "icontains", value)
        return condition

    return Filter(lambda value, name, _: checks.text(value, field=name), where=where)


def term_of(texts: Callable[[Body], list[str | None]]) -> Filter:
    """Part of one of the texts that `texts` picks from the body."""
    return Filter(
        lambda value, name, _: checks.text(value, field=name).lower(),
        keep=lambda body, value: any(value in (found or "").lower() for found in texts(body)),
    )


def primary_email() -> Filter:
    def read(value: Any, name: str, _: Options) -> str:
        given = checks.mapping(value, field=name)
        checks.one_of(given.get("type"), ("primary",), field=f"{name}.type")
        return checks.text(given.get("email"), field=f"{name}.email").lower()

    return Filter(
        read,
        keep=lambda body, value: any(
            entry["type"] == "primary" and entry["email"].lower() == value for entry in body["emails"]
        ),
    )


def tags() -> Filter:
    return Filter(
        lambda value, name, _: checks.array(value, field=name),
        keep=lambda body, value: set(value) <= set(body["tags"]),
    )


def linked(key: str, reference: str) -> Filter:
    """One of the entries at `key` refers to this record."""
    return Filter(
        lambda value, name, _: checks.identifier(value, field=name),
        keep=lambda body, value: any(entry[reference]["id"] == value for entry in body[key]),
    )


def same_number(key: str) -> Filter:
    """Equal but for separators and letter case; how the real filter compares is not documented."""
    return Filter(
        lambda value, name, _: _bare(checks.text(value, field=name)),
        keep=lambda body, value: _bare(body.get(key) or "") == value,
    )


def day(path: str, lookup: str) -> Filter:
    """On or before or after a day, with `lookup` gte, lte or lt; a day that is null is on neither side."""
    return Filter(
        lambda value, name, _: checks.day(value, field=name),
        where=lambda value: _if_not_null(path, lookup, value),
    )


def day_or_null(path: str) -> Filter:
    return Filter(
        lambda value, name, _: value if value is None else checks.day(value, field=name),
        where=lambda value: Q(**{f"body__{path}": value}),
    )


def by(*path: str) -> F | KeyTransform:
    """What a sort field means: a column, or a path in the body."""
    if path in {("created_at",), ("modified_at",)}:
        return F(path[0])
    expression: Any = "body"
    for step in path:
        expression = KeyTransform(step, expression)
    return expression


def by_text(path: str) -> KeyTextTransform:
    return KeyTextTransform(path, "body")


def order(resource: Resource, name: str, direction: str) -> OrderBy:
    if name not in resource.sorts:
        raise Refused(f"sort.field must be one of {', '.join(resource.sorts)}", field="sort.field")
    return OrderBy(resource.sorts[name], descending=direction == "desc", nulls_last=True)


def _if_not_null(path: str, lookup: str, value: str) -> Q:
    # SQLite compares a JSON null as the text "null".
    return Q(**{f"body__{path}__{lookup}": value}) & ~Q(**{f"body__{path}": None})


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()
