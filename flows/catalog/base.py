"""What a kind of flow is: where its records come from, what they become, what must be looked up before planning."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from connectors.base import Connector, Existing, SourceRecord, Text
from connectors.maps import NoPair, ResourceMap

if TYPE_CHECKING:
    from flows.work import Work


class FlowSettings(BaseModel):
    """Base of a kind's typed settings."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A value table this kind needs: which reference lists its keys and its values come from."""

    name: str
    title: Text
    source_list: str
    target_list: str
    no_pair: NoPair = NoPair.BLOCK
    keys: tuple[tuple[str, Text], ...] = ()  # the source's side where it is ours to name: (key, label)
    default_setting: str = ""  # the flow setting that fills in where there is no pair


@dataclass(frozen=True, slots=True)
class Resolved:
    """A record with what was looked up for it.

    Either `record` goes on to planning, with what `existing` found under its key, or `code` says why it cannot:
    for good (needs a person), or, with `retry_at`, until then.
    """

    record: SourceRecord
    existing: tuple[Existing, ...] = ()
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    retry_at: datetime | None = None
    is_skip: bool = False


@dataclass(frozen=True, slots=True)
class Ensured:
    """What became of a record that others depend on: its id in the target, or why there is none (yet)."""

    target_id: str = ""
    code: str = ""
    retry_at: datetime | None = None


def with_resolved(record: SourceRecord, **values: Any) -> SourceRecord:
    """Return the record with values a map may name as `resolved.<name>`."""
    return replace(record, raw={**record.raw, "resolved": {**record.raw.get("resolved", {}), **values}})


class FlowKind(ABC):
    """One kind of flow. Stateless: everything it needs comes in as arguments."""

    key: ClassVar[str]
    title: ClassVar[Text]
    source_kind: ClassVar[str]
    resources: ClassVar[tuple[str, ...]]  # kinds of records it writes, its own first
    settings_model: ClassVar[type[FlowSettings]] = FlowSettings
    tables: ClassVar[tuple[TableSpec, ...]] = ()
    unique_keys: ClassVar[tuple[str, ...]] = ()  # kinds of which no two may share a natural key
    indexes_target: ClassVar[bool] = False  # adopt in bulk on the first run

    def target_kind(self, kind: str, settings: Any) -> str:
        """Return the name of the writable resource for a kind of record."""
        return kind

    def creates(self, kind: str, settings: Any) -> bool:
        return True

    def updates(self, kind: str, settings: Any) -> bool:
        return True

    def table_specs(self, settings: Any) -> Sequence[TableSpec]:
        """Return the value tables it needs with these settings."""
        return self.tables

    def default_maps(self, target: Connector, settings: Any) -> dict[str, ResourceMap]:
        """Return the maps a new flow starts with."""
        return {kind: target.targets[self.target_kind(kind, settings)].default_map for kind in self.resources}

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        """Return why this kind leaves the record out whatever the filters say, as (code, params), or None."""
        return None

    @abstractmethod
    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Look up, over HTTP, what planning needs for records without a binding; one answer per record, in order."""
