"""Everything one slice of work on one run needs, opened once: both connectors, the maps, the tables, the vault."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apicenter.crypto import Vault
from connectors.base import Connector, Source, SourceRecord, Target
from connectors.maps import NoPair, ResourceMap, ValueTableData
from connectors.models import Connection
from connectors.services import open_connector
from flows.catalog.base import Ensured, FlowKind, FlowSettings
from flows.catalog.registry import flow_kind
from flows.conditions import Condition, parse_condition
from flows.mapping import CompiledMap, compile_map
from flows.models import Flow, MapVersion, Run, ValueRow, ValueTable
from flows.plan import Rules

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
    fence: int = 0
    seconds_left: Callable[[], float] = lambda: float("inf")
    guard: Callable[[], None] = lambda: None  # renews the lease or raises LeaseLost; first in each transaction
    found: dict[str, str] = field(default_factory=dict)  # items looked up in this slice: asked -> spelled
    paired: dict[str, str] = field(default_factory=dict)  # looked up when it was read: source key -> target id or ""

    @property
    def is_dry(self) -> bool:
        return self.run is None

    @property
    def system(self) -> str:
        """The target's name, for sentences."""
        return self.target_side.title

    @property
    def quiet(self) -> timedelta:
        """How long a create with an unknown outcome rests before it is looked up."""
        seconds = getattr(settings.ENV, self.target_side.quiet_setting)
        return timedelta(seconds=seconds + settings.ENV.CALL_DEADLINE_SECONDS)

    def look_at(self, now: datetime) -> datetime:
        """When a create that is reserved now may be looked up if nothing more is heard of it.

        Its call may leave as long as the lease outlives the call, so the quiet time counts from that moment.
        """
        longest_wait = min(self.seconds_left(), settings.ENV.LANE_LEASE_SECONDS) - settings.ENV.CALL_DEADLINE_SECONDS
        return now + timedelta(seconds=max(0.0, longest_wait)) + self.quiet

    def target(self, kind: str) -> Target:
        """Return the writable resource that records of this kind become."""
        return self.target_side.target(self.kind.target_kind(kind, self.settings))

    def rules(self, kind: str) -> Rules:
        """Return how records of this kind are planned."""
        target = self.target(kind)
        return Rules(
            compiled=self.maps[kind],
            tables=self.tables,
            filters=self.filters if kind == self.kind.key else None,
            creates=self.kind.creates(kind, self.settings),
            updates=self.kind.updates(kind, self.settings),
            can_update=target.can_update,
        )

    def reference(self, kind: str, source_key: str) -> str:
        """Return our reference on the other side: the same for the same record, always."""
        return reference(self.flow.organization_id, self.flow.target_id, kind, source_key)


def reference(organization_id: uuid.UUID, target_id: uuid.UUID, kind: str, source_key: str) -> str:
    """Return 15 characters A-Z2-7 that say which record of which organization a document came from."""
    digest = hashlib.sha256(f"{organization_id}|{target_id}|{kind}|{source_key}".encode()).digest()
    return base64.b32encode(digest)[: REFERENCE_LENGTH - 1].decode()


def tables_of(flow: Flow) -> dict[str, ValueTableData]:
    """Return the flow's value tables as the mapping sees them."""
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
        yield Work(
            flow=flow,
            run=run,
            kind=kind,
            settings=kind.settings_model.model_validate(flow.settings),
            source=source.source(kind.source_kind),
            target_side=target,
            vault=flow.organization.vault,
            tables=tables_of(flow),
            labels=labels_of(flow),
            maps=compiled_maps(version.maps),
            filters=parse_condition(flow.filters),
            map_version=version,
            ensure=ensure,
            fence=fence,
            seconds_left=seconds_left,
            guard=guard,
        )


def _open(connection: Connection, **options: Any) -> Any:
    return open_connector(connection, threads=settings.ENV.CALL_THREADS, **options)
