"""The fields of both sides of a flow, with those of the account: read live, kept for a while, never in the way.

A page must not wait for the other system each time, nor fail because it is down: what was read is kept for ten minutes,
used longer when the other side cannot be reached, and without anything kept the connector's standard fields do.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from apicenter.causes import sentence
from apicenter.errors import ApicenterError
from connectors.base import Connector, FieldInfo, Source, Target
from connectors.models import Connection
from connectors.services import offline_connector, open_connector
from flows.models import Flow
from flows.services import kind_of

logger = logging.getLogger(__name__)
FRESH = timedelta(minutes=10)
REST = timedelta(minutes=2)  # after a failure nobody waits for the same one again
KEPT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class FieldList:
    """The fields of one side. `problem` says why those of the account may be missing or old, or is ""."""

    fields: tuple[FieldInfo, ...]
    problem: str = ""

    def find(self, path: str) -> FieldInfo | None:
        return next((one for one in self.fields if one.path == path), None)

    def inside(self, in_list: str, lists: Sequence[str]) -> tuple[FieldInfo, ...]:
        """Return the fields of one of these lists, by their paths inside it, or with "" those of the record itself."""
        if not in_list:
            return tuple(one for one in self.fields if one.path.partition(".")[0] not in lists)
        prefix = f"{in_list}."
        inner = (one for one in self.fields if one.path.startswith(prefix))
        return tuple(replace(one, path=one.path.removeprefix(prefix)) for one in inner)


@dataclass(frozen=True, slots=True)
class _Kept:
    fields: tuple[FieldInfo, ...]
    read_at: datetime
    code: str = ""  # why they are not live
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        return sentence(self.code, self.params) if self.code else ""


Pick = Callable[[Connector], Source | Target]


def target_fields(flow: Flow, resource: str, *, is_fresh: bool = False, is_offline: bool = False) -> FieldList:
    """Return every field a map of this kind of record may write. `is_fresh` reads again; `is_offline` never calls."""
    name = target_name(flow, resource)
    return _fields(flow.target, f"target:{name}", lambda one: one.target(name), is_fresh, is_offline)


def source_fields(flow: Flow, resource: str, *, is_fresh: bool = False, is_offline: bool = False) -> FieldList:
    """Return every field a map of this kind of record may read."""
    name = source_name(flow, resource)
    return _fields(flow.source, f"source:{name}", lambda one: one.source(name), is_fresh, is_offline)


def told_apart(fields: Iterable[FieldInfo]) -> dict[str, str]:
    """Return what each field is called, by path; those that share a title go by their group too."""
    every = list(fields)
    counts = Counter(str(one.title) for one in every)
    return {
        one.path: f"{one.group} › {one.title}" if one.group and counts[str(one.title)] > 1 else str(one.title)
        for one in every
    }


def target_name(flow: Flow, resource: str) -> str:
    kind = kind_of(flow)
    return kind.target_kind(resource, kind.settings_model.model_validate(flow.settings))


def source_name(flow: Flow, resource: str) -> str:
    """Return the readable resource whose records become this kind: an order's customer is read as a customer."""
    sources = offline_connector(flow.source).sources
    return resource if resource in sources else kind_of(flow).source_kind


def target_of(flow: Flow, resource: str) -> Target:
    """Return the writable resource without a way to call: for what it says about itself."""
    return offline_connector(flow.target).target(target_name(flow, resource))


def keep_fields(connection: Connection, name: str, fields: Sequence[FieldInfo]) -> None:
    """Keep fields that were just read; `name` is "source:<resource>" or "target:<resource>"."""
    cache.set(_key(connection, name), _Kept(tuple(fields), timezone.now()), KEPT_SECONDS)


def _key(connection: Connection, name: str) -> str:
    return f"fields:{connection.pk}:{name}"


def _fields(connection: Connection, name: str, pick: Pick, is_fresh: bool, is_offline: bool) -> FieldList:
    kept: _Kept | None = cache.get(_key(connection, name))
    if kept is not None and (is_offline or not (is_fresh or _is_old(kept))):
        return FieldList(kept.fields, kept.problem)
    standard = tuple(pick(offline_connector(connection)).standard_fields)
    known = kept.fields if kept else standard
    if is_offline:
        return FieldList(known)
    if connection.state == Connection.State.NEEDS_PERSON:  # nobody waits for a call that cannot work
        return FieldList(known, connection.problem)
    try:
        with open_connector(connection, is_interactive=True) as connector:
            found = tuple(pick(connector).fields())
    except ApicenterError as error:
        logger.info("the fields of connection %s cannot be read: %s", connection.pk, error.code)
        cache.set(_key(connection, name), _Kept(known, timezone.now(), error.code, error.params), KEPT_SECONDS)
        return FieldList(known, str(error))
    keep_fields(connection, name, found)
    return FieldList(found)


def _is_old(kept: _Kept) -> bool:
    return kept.read_at < timezone.now() - (REST if kept.code else FRESH)
