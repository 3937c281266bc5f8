"""What a kind of flow is: where its records come from, what they become, what must be looked up before planning."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator

from connectors.base import Connector, Existing, Omitted, ReadRecord, SourceRecord, Text, Wanted
from connectors.maps import FieldMap, NoPair, ResourceMap, ValueTableData
from flows.catalog.after import After
from flows.catalog.presets import Preset, complete
from flows.documents.totals import Expected

if TYPE_CHECKING:
    from flows.engine.plan import Change
    from flows.engine.work import Work


class FlowSettings(BaseModel):
    """Base of a kind's typed settings. Presets may be given in part, or as a text (`presets.complete`)."""

    model_config = ConfigDict(extra="forbid")
    OLDER: ClassVar[Mapping[str, tuple[str, str]]] = {}  # settings of earlier times that are parts of a preset now

    @model_validator(mode="before")
    @classmethod
    def _complete_presets(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        usual = {name: info.default for name, info in cls.model_fields.items() if isinstance(info.default, Preset)}
        parts = {name: complete(given[name], usual[name]) if name in usual else given[name] for name in given}
        for older, (name, part) in cls.OLDER.items():
            if older in parts:
                is_set = parts.pop(older) and bool(parts.get(name, {}).get("value"))
                parts[name] = complete({**parts.get(name, {}), part: is_set}, usual[name])
        return parts

    def problem(self) -> str:
        """Return in one sentence why these settings cannot go together, or ""."""
        return ""

    @property
    def presets(self) -> dict[str, Preset]:
        return {name: value for name, value in self if isinstance(value, Preset)}

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return the settings with these changed; presets keep parts that are not named. Raises ValidationError."""
        presets = self.presets
        changed = {name: complete(value, presets[name]) if name in presets else value for name, value in values.items()}
        return self.model_validate({**self.model_dump(), **changed})


@dataclass(frozen=True, slots=True)
class KeySource:
    """A field of the record that a table may be read by, and the source's list of what stands in it."""

    path: str
    title: Text
    list_name: str = ""
    keys: tuple[tuple[str, Text], ...] = ()  # what may stand in it, where that is ours to name: (key, label)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A value table this kind needs: which reference lists its keys and its values come from."""

    name: str
    title: Text
    source_list: str
    target_list: str
    no_pair: NoPair = NoPair.BLOCK
    keys: tuple[tuple[str, Text], ...] = ()  # the source's side where it is ours to name: (key, label)
    preset: str = ""  # the setting it belongs to: its value fills in, forces, and says whether the table is used
    sources: tuple[KeySource, ...] = ()  # the fields to choose from, the usual one first; the map reads `resolved.keys`
    columns: tuple[Text, ...] = ()  # titles of its two keys, where it has two ("BE|company")
    second_keys: tuple[tuple[str, Text], ...] = ()  # what the second of them may be: (key, label)
    has_rate: bool = False  # whether the second may go on with a VAT rate in percent ("FR|eu_private:5.5")
    mirror: tuple[str, str] | None = None  # (kind, table): its pairs the other way round, in the flow that goes back
    is_grown: bool = False  # gets its rows one by one, as records need them; nothing is asked for it beforehand
    used: Text = ""  # where it is looked at, if not in a field of the map


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


def preset_of(spec: TableSpec, settings: Any) -> Preset:
    """Return the preset of a table; a table without one is always used."""
    return getattr(settings, spec.preset) if spec.preset else Preset(uses_table=True, no_pair=spec.no_pair)


def source_of(spec: TableSpec, settings: Any) -> KeySource:
    """Return the field that a table with `sources` is read by."""
    path = preset_of(spec, settings).source
    return next((one for one in spec.sources if one.path == path), KeySource(path, path) if path else spec.sources[0])


def spec_with(spec: TableSpec, settings: Any) -> TableSpec:
    if not spec.sources:
        return spec
    source = source_of(spec, settings)
    return replace(spec, source_list=source.list_name, keys=source.keys)


def keys_by_table(specs: Sequence[TableSpec], settings: Any, read: Callable[[str], Any]) -> dict[str, Any]:
    """Return what each table with `sources` is read by for one record; `read` gives the value at a path of it."""
    return {spec.name: read(source_of(spec, settings).path) for spec in specs if spec.sources}


@dataclass(frozen=True, slots=True)
class Given:
    """What a flow has besides its records: what its kind may look at to prepare one."""

    settings: Any
    tables: Mapping[str, ValueTableData] = field(default_factory=dict)
    currency: str = ""  # of the target's account, where it is known
    system: str = ""  # the target's name, for sentences
    country: str = ""  # of the target's account, where it is known: the seller's own


def with_fields(one: ResourceMap, added: Sequence[FieldMap]) -> ResourceMap:
    """Return the map with these fields; they take the place of those that make the same."""
    new = {entry.target: entry for entry in added}
    kept = [new.pop(entry.target, entry) for entry in one.fields]
    return one.model_copy(update={"fields": (*kept, *new.values())})


class FlowKind(ABC):
    """One kind of flow. Stateless: everything it needs comes in as arguments."""

    key: ClassVar[str]
    title: ClassVar[Text]
    source_kind: ClassVar[str]
    resources: ClassVar[tuple[str, ...]]  # kinds of records it writes, its own first
    settings_model: ClassVar[type[FlowSettings]] = FlowSettings
    tables: ClassVar[tuple[TableSpec, ...]] = ()
    own_kinds: ClassVar[tuple[str, ...]] = ()  # kinds its source gives, in the order they are sent; empty = its key
    unique_keys: ClassVar[tuple[str, ...]] = ()  # kinds of which no two may share a natural key
    setting_values: ClassVar[Mapping[str, str]] = {}  # settings that fill fields of the map, and what those read
    indexes_target: ClassVar[bool] = False  # adopt in bulk on the first run
    rereads: ClassVar[bool] = False  # a change of settings concerns all records, so that all are read again
    follows: ClassVar[str] = ""  # the kind whose records it adds to: its first run comes after that one's
    partners: ClassVar[tuple[str, ...]] = ()  # kinds of flows the other way whose records this one tells about
    also_tells: ClassVar[tuple[str, ...]] = ()  # further kinds whose records it finds, without being woken by them
    drivers: ClassVar[tuple[str, ...]] = ()  # settings that decide which others play a part
    counted_only: ClassVar[frozenset[str]] = frozenset()  # reasons to leave a record out that are worth no log row

    @property
    def read_kinds(self) -> tuple[str, ...]:
        """Return the kinds of records that its source gives, in the order in which they are sent."""
        return self.own_kinds or (self.key,)

    def is_needed_first(self, kind: str) -> bool:
        """Return whether other records may have to wait for one of this kind: an order for its customer."""
        return kind != self.read_kinds[-1]

    def target_kind(self, kind: str, settings: Any) -> str:
        """Return the name of the writable resource for a kind of record."""
        return kind

    def creates(self, kind: str, settings: Any) -> bool:
        return True

    def updates(self, kind: str, settings: Any) -> bool:
        return True

    def idle_settings(self, settings: Any) -> frozenset[str]:
        """Return the settings that play no part as the others stand; `drivers` are those that decide it."""
        return frozenset()

    def table_specs(self, settings: Any) -> Sequence[TableSpec]:
        """Return the value tables it needs with these settings, each with the list its keys come from."""
        return [spec_with(spec, settings) for spec in self.tables if preset_of(spec, settings).uses_table]

    def find_spec(self, name: str, settings: Any) -> TableSpec | None:
        """Return what it says about a table, whether that is needed now or not."""
        return next((spec_with(spec, settings) for spec in self.tables if spec.name == name), None)

    def default_maps(self, target: Connector | type[Connector], settings: Any) -> dict[str, ResourceMap]:
        """Return the maps a new flow starts with."""
        maps = {}
        for kind in self.resources:
            written = target.targets[self.target_kind(kind, settings)]
            added = [one for one in self.fields_for(kind, settings) if written.takes(one.target)]
            maps[kind] = with_fields(written.map_for(kind), added)
        return maps

    def tables_for(self, target: Connector | type[Connector], settings: Any) -> Sequence[TableSpec]:
        """Return the value tables it needs there: a target may write codes as they are."""
        kinds = {self.target_kind(kind, settings) for kind in self.resources} & target.targets.keys()
        used = [target.targets[kind].tables for kind in kinds]
        every = self.table_specs(settings)
        return every if None in used else [one for one in every if any(one.name in (names or ()) for names in used)]

    def fields_for(self, kind: str, settings: Any) -> Sequence[FieldMap]:
        """Return the fields that settings add to the map of a kind of record, or change in it."""
        return self.setting_fields(settings) if kind == self.key else ()

    def wanted(self, settings: Any, tables: Mapping[str, ValueTableData]) -> Wanted:
        """Return what it needs of its source beyond the plain records."""
        return Wanted()

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        """Return the record as these settings see it, without a call. Raises RecordError for one they cannot use.

        It is asked for every kind of record it writes; `record.core` says which.
        """
        return record

    def paired_with(self, record: SourceRecord) -> str | None:
        """Return what a record stands for in the target where nothing is written but a pair: its id there, or "" where
        a person decided that it has none. None for a kind that writes."""
        return None

    def retire(self, record: SourceRecord | Omitted, settings: Any) -> SourceRecord | str:
        """Say what becomes of a record that is left out now and was sent before: what it is sent as from now on, the
        cause a person is asked with, or "" for nothing."""
        return ""

    def setting_fields(self, settings: Any) -> Sequence[FieldMap]:
        """Return the fields that settings add to the map of its own kind of record, or change in it."""
        return ()

    def recognise(self, work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
        """Return the records, in order, with what must be known of each before anything is decided about it."""
        return list(records)

    def expects(self, kind: str, record: SourceRecord, settings: Any) -> Expected | None:
        """Return what a document has to come to in the target, where that is read back after it was made."""
        return None

    def after(self, kind: str, settings: Any) -> After:
        """Return what follows when a record of this kind changes or ends after it was sent."""
        return After()

    def essence(self, record: SourceRecord) -> Mapping[str, Any] | None:
        """Return what of a record counts as a change once its document is made; None: everything."""
        return None

    def earlier_essence(self, record: SourceRecord) -> Mapping[str, Any] | None:
        """Return what counted as a change before `essence` held more: a record sent then is known by it."""
        return None

    def resolve_again(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Look up what planning needs for records that were sent before and changed since."""
        return self.resolve(work, kind, records)

    def review(self, work: Work, kind: str, changes: Sequence[Change]) -> list[Change]:
        """Look once more at what is about to be made, and hold back or remark on it. One answer each, in order."""
        return list(changes)

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        """Return why this kind leaves the record out whatever the filters say, as (code, params), or None."""
        return None

    @abstractmethod
    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Look up, over HTTP, what planning needs for records without a binding; one answer per record, in order."""
