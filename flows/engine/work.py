"""Everything one slice of work on one run needs, opened once: both connectors, the maps, the tables, the vault."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from apicenter.crypto import Vault
from connectors.base import Connector, ReadRecord, Source, SourceRecord, Target
from connectors.http import ApiClient
from connectors.maps import NoPair, ResourceMap, ValueTableData
from connectors.models import Connection
from connectors.services import open_connector
from connectors.threads import on_owner
from flows.catalog.base import Ensured, FlowKind, FlowSettings, Given
from flows.catalog.registry import flow_kind
from flows.documents.comparing import followed_sources
from flows.engine import pairs
from flows.engine.echoes import echoed_fields
from flows.engine.plan import Rules
from flows.maps.conditions import Condition, parse_condition
from flows.maps.kept_look_ups import Kept, kept_for
from flows.maps.mapping import CompiledMap, compile_map
from flows.models import Flow, Intent, MapVersion, Ruling, Run, ValueRow, ValueTable
from flows.running.queue import LeaseLost
from flows.transforms.look_up import Asked

REFERENCE_LENGTH = 16


Ensure = Callable[["Work", str, Sequence[SourceRecord]], dict[str, Ensured]]


@dataclass
class Work:
    """A run with everything opened. Lives on the main thread for the length of a slice."""

    flow: Flow
    run: Run | None  # None in a dry run
    kind: FlowKind
    settings: FlowSettings
    source: Source
    target_side: Connector
    vault: Vault
    tables: Mapping[str, ValueTableData]
    labels: Mapping[tuple[str, str], str]
    maps: Mapping[str, CompiledMap]
    filters: Condition | None
    map_version: MapVersion
    ensure: Ensure
    echoes: frozenset[str] = frozenset()  # custom fields of the source that flows of ours write
    fence: int = 0
    seconds_left: Callable[[], float] = lambda: float("inf")
    guard: Callable[[], None] = lambda: None  # renews the lease or raises LeaseLost; first in each transaction
    found: dict[str, str] = field(default_factory=dict)  # items looked up in this slice: asked -> spelled
    rulings: dict[tuple[str, str], Ruling] = field(default_factory=dict)  # (source key, cause) -> decided by a person
    unconfirmed: dict[str, str] = field(default_factory=dict)  # source key of a document still to be compared -> state
    answers: dict[Asked, dict[str, Any]] = field(default_factory=dict)  # what was looked up in this slice
    paired: dict[str, str] = field(default_factory=dict)  # looked up when it was read: source key -> target id or ""
    unsent: frozenset[str] = frozenset()  # of these, looked up so lately that the other side has none of ours yet
    written: set[str] = field(default_factory=set)  # kinds of which the target took something in this slice
    under_way: Sequence[uuid.UUID] = ()  # intents of the creates that are being sent
    got_on: bool = False  # more was read than by the attempt that was interrupted before

    @cached_property
    def kept(self) -> Kept:
        """What look-ups of this run found so far."""
        return kept_for(self.run)

    @property
    def is_dry(self) -> bool:
        return self.run is None

    @property
    def clients(self) -> Mapping[str, ApiClient]:
        """The clients of both sides."""
        return {"source": self.source.api, "target": self.target_side.api}

    @contextmanager
    def live(self, *, is_writing: bool = False) -> Iterator[None]:
        """Ask everything anew in here, also what was read before an interruption (flows/running/portions.py)."""
        paused = {name: api.memory for name, api in self.clients.items()}
        for api in self.clients.values():
            api.memory = None
        try:
            yield
        finally:
            for name, api in self.clients.items():
                api.memory = paused[name]
            if is_writing and (memory := self.target_side.api.memory) is not None:
                memory.forget()

    @cached_property
    def given(self) -> Given:
        """What the kind may look at to prepare a record."""
        currency = str(self.flow.target.settings.get("currency") or "")
        country = str(self.flow.target.settings.get("country") or "")
        return Given(self.settings, self.tables, currency, self.system, country)

    @property
    def system(self) -> str:
        """The target's name, for sentences."""
        return self.target_side.title

    @property
    def quiet(self) -> timedelta:
        """How long a create with an unknown outcome rests before it is looked up."""
        name = self.target_side.quiet_setting
        if not name:
            return timedelta()
        return timedelta(seconds=getattr(settings.ENV, name) + settings.ENV.CALL_DEADLINE_SECONDS)

    def look_at(self, now: datetime, *, is_prolonged: bool = False) -> datetime:
        """When a create that is reserved now may be looked up if nothing more is heard of it.

        Its call may leave as long as the lease outlives the call, so the quiet time counts from that moment.
        """
        longest = settings.ENV.LANE_LEASE_SECONDS
        left = longest if is_prolonged else min(self.seconds_left(), longest)
        return now + timedelta(seconds=max(0.0, left - settings.ENV.CALL_DEADLINE_SECONDS)) + self.quiet

    def keep_alive(self) -> None:
        """Prolong the lease once half of it is gone: a page or a chunk may take many slow calls. On any thread."""
        if self._is_short():
            on_owner(self._prolong)

    def _is_short(self) -> bool:
        return self.seconds_left() < settings.ENV.LANE_LEASE_SECONDS / 2

    def _prolong(self) -> None:
        """Creates may leave under the longer lease, so that they are looked up later is stored before it begins.

        A lease that was lost stays lost: no create leaves any more, and the next transaction raises.
        """
        if not self._is_short():  # another thread was first
            return
        mine = Intent.objects.filter(pk__in=self.under_way, fence=self.fence)
        mine.update(look_at=self.look_at(timezone.now(), is_prolonged=True))
        with suppress(LeaseLost):
            self.guard()

    def target(self, kind: str) -> Target:
        """Return the writable resource that records of this kind become."""
        return self.target_side.target(self.kind.target_kind(kind, self.settings))

    def source_of(self, kind: str) -> Source:
        """Return the readable resource that gives records of this kind."""
        return self.source if kind == self.source.kind else self.source.connector.source(kind)

    def kind_of(self, record: ReadRecord) -> str:
        """Return which kind a record is that the flow's source gave."""
        return record.kind or self.kind.read_kinds[0]

    def rules(self, kind: str) -> Rules:
        """Return how records of this kind are planned."""
        target = self.target(kind)
        return Rules(
            compiled=self.maps[kind],
            tables=self.tables,
            filters=self.filters if kind in self.kind.read_kinds else None,
            creates=target.can_create and self.kind.creates(kind, self.settings),
            updates=self.kind.updates(kind, self.settings),
            can_update=target.can_update,
            echoes=self.echoes,
            essence=self.kind.essence,
            earlier_essence=self.kind.earlier_essence,
            followed=followed_sources(self.maps[kind].sources, target.comparing),
            comparing=target.comparing,
        )

    def reference(self, kind: str, source_key: str) -> str:
        """Return our reference on the other side: the same for the same record, always."""
        return reference(self.flow.organization_id, self.flow.target_id, kind, source_key)


def reference(organization_id: uuid.UUID, target_id: uuid.UUID, kind: str, source_key: str) -> str:
    """Return 15 characters A-Z2-7 that say which record of which organization a document came from."""
    digest = hashlib.sha256(f"{organization_id}|{target_id}|{kind}|{source_key}".encode()).digest()
    return base64.b32encode(digest)[: REFERENCE_LENGTH - 1].decode()


def tables_of(flow: Flow) -> dict[str, ValueTableData]:
    """Return the flow's value tables as the mapping sees them, each with the preset it belongs to."""
    kind = flow_kind(flow.kind)
    stored = _stored_tables(flow)
    presets = kind.settings_model.model_validate(flow.settings).presets
    under = {spec.name: presets[spec.preset] for spec in kind.tables if spec.preset}
    return stored | {
        name: preset.under(stored.get(name) or ValueTableData(name=name, rows={})) for name, preset in under.items()
    }


def _stored_tables(flow: Flow) -> dict[str, ValueTableData]:
    return {
        table.name: ValueTableData(
            name=table.name,
            rows={row.key: row.value or None for row in table.rows.all() if row.value or row.is_confirmed},
            no_pair=NoPair(table.no_pair),
            default=table.default or None,
        )
        for table in ValueTable.objects.filter(flow=flow).prefetch_related("rows")
    }


def labels_of(flow: Flow) -> dict[tuple[str, str], str]:
    """Return what a person calls the values of the source: (table, key) -> label."""
    rows = ValueRow.objects.filter(table__flow=flow).exclude(key_label="")
    return {(table, key): label for table, key, label in rows.values_list("table__name", "key", "key_label")}


def compiled_maps(maps: Mapping[str, Any]) -> dict[str, CompiledMap]:
    """Return the stored maps, ready to run. Raises MappingError naming the field that is wrong."""
    return {resource: compile_map(ResourceMap.model_validate(data)) for resource, data in maps.items()}


@contextmanager
def open_work(
    flow: Flow,
    run: Run | None,
    *,
    ensure: Ensure,
    fence: int = 0,
    seconds_left: Callable[[], float] = lambda: float("inf"),
    guard: Callable[[], None] = lambda: None,
) -> Iterator[Work]:
    """Open both sides of a flow. Raises FlowError when a side cannot be used."""
    kind = flow_kind(flow.kind)
    version = (run.map_version if run else None) or flow.map_version
    if version is None:
        raise ValueError(f"Flow {flow.pk} has no map.")
    is_interactive = run is None
    with ExitStack() as stack:
        source = stack.enter_context(_open(flow.source, is_interactive=is_interactive))
        target = stack.enter_context(_open(flow.target, is_interactive=is_interactive, send_before=seconds_left))
        chosen, tables = kind.settings_model.model_validate(flow.settings), tables_of(flow)
        if any(spec.name == "vat_zone" for spec in kind.tables):
            _note_country(flow.target, target)
        work = Work(
            flow=flow,
            run=run,
            kind=kind,
            settings=chosen,
            source=source_for(kind, source, chosen, tables),
            target_side=target,
            vault=flow.organization.vault,
            tables=tables,
            labels=labels_of(flow),
            maps=compiled_maps(version.maps),
            filters=parse_condition(flow.filters),
            map_version=version,
            ensure=ensure,
            echoes=echoed_fields(flow),
            fence=fence,
            seconds_left=seconds_left,
            guard=guard,
        )
        work.source.known = partial(pairs.known_names, flow)
        for api in work.clients.values():
            api.before_each = work.keep_alive
        yield work


def source_for(
    kind: FlowKind, connector: Connector, chosen: FlowSettings, tables: Mapping[str, ValueTableData]
) -> Source:
    """Return what a flow reads, told what it wants of it."""
    source = connector.source(kind.source_kind)
    source.wanted = kind.wanted(chosen, tables)
    return source


def given_for(flow: Flow, tables: Mapping[str, ValueTableData] | None = None) -> Given:
    """Return what the flow's kind may look at to prepare a record, where no side is open."""
    chosen = flow_kind(flow.kind).settings_model.model_validate(flow.settings)
    currency = str(flow.target.settings.get("currency") or "")
    country = str(flow.target.settings.get("country") or "")
    return Given(chosen, tables_of(flow) if tables is None else tables, currency, country=country)


def _note_country(connection: Connection, target: Connector) -> None:
    """Find out once in which country the target's company is: connections of earlier times do not say."""
    if "country" not in connection.settings:
        connection.settings = {"country": target.account().country, **connection.settings}
        connection.save(update_fields=["settings"])


def _open(connection: Connection, **options: Any) -> Any:
    return open_connector(connection, threads=settings.ENV.CALL_THREADS, **options)
