"""Changing a flow's settings: what follows from it for its tables, its maps, and the records that waited for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.causes import CAUSES, Fix
from connectors.maps import FieldMap, ResourceMap
from connectors.registry import connector_class
from flows.catalog.base import FlowSettings, TableSpec, preset_of, with_fields
from flows.maps.changes import with_preset_fields
from flows.models import Flow, RunRecord, ValueTable
from flows.needs.replays import replay
from flows.services import kind_of, resume
from flows.setup.creation import add_tables, publish
from flows.tables.value_tables import release

# what a record waits for, where the cause's name does not say: any change may help the others that a setting solves
HELPED_BY: dict[str, frozenset[str]] = {
    "line.without_product": frozenset({"text_line_item"}),
    "customer.missing": frozenset({"default_customer"}),
    "totals.differ": frozenset({"totals_tolerance"}),
    "totals.rates_differ": frozenset({"totals_tolerance"}),
    "totals.differ_after": frozenset({"totals_tolerance", "check_after"}),
    "totals.rates_differ_after": frozenset({"totals_tolerance", "check_after"}),
    "product.missing": frozenset({"missing_product", "fallback_item"}),
    "order.several": frozenset({"several_accepted"}),
    "stock.short": frozenset({"stock_check", "warehouse"}),
    "order.changed": frozenset({"after_change"}),
    "entry.changed": frozenset({"after_change"}),
    "entry.ended": frozenset({"after_loss"}),
    "order.lost": frozenset({"after_loss"}),
    "order.reopened": frozenset({"after_loss"}),
    "order.withdrawn": frozenset({"after_loss"}),
    "period.closed": frozenset({"closed_period"}),
}


class SettingError(ValueError):
    """The settings fit their types, but cannot be used; `str()` says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of settings came to."""

    names: frozenset[str]
    sent: int = 0  # records that waited and are sent again
    new_tables: tuple[TableSpec, ...] = ()
    new_maps: tuple[str, ...] = ()  # kinds of records whose fields start afresh, as they become something else
    has_resumed: bool = False
    is_read_again: bool = False  # the next run reads everything, as the change concerns all records
    has_new_fields: bool = False  # settings added fields to the map, changed some in it or took some away


def chosen_settings(flow: Flow) -> FlowSettings:
    """Return the flow's settings as its kind knows them."""
    return kind_of(flow).settings_model.model_validate(flow.settings)


def default_settings(flow: Flow) -> FlowSettings:
    """Return what the kind has by default."""
    return kind_of(flow).settings_model()


def change_settings(flow: Flow, values: Mapping[str, Any]) -> Changed:
    """Store settings; names that are not given keep their value.

    New value tables are made and filled by proposals, records that become something else get that thing's usual fields
    as a new version, and what waited for such a setting is sent again. Raises pydantic.ValidationError for values that
    do not fit, SettingError, and RetryableError or FlowError when a list of either system cannot be read.
    """
    kind = kind_of(flow)
    old = chosen_settings(flow)
    new = old.with_values(values)
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    names = frozenset(name for name in after if before.get(name) != after[name])
    if not names:
        return Changed(names)
    if problem := new.problem():
        raise SettingError(problem)
    restarted = _changed_maps(flow, old, new)
    maps = _map_with_settings(flow, old, new)
    maps = maps | _map_with_presets(flow, maps, new, names) | restarted
    specs = _new_specs(flow, old, new)
    if specs:
        add_tables(flow, specs, new)
    with transaction.atomic():
        flow.settings = after
        flow.save(update_fields=["settings"])
        is_read_again = kind.rereads and flow.cursor is not None
        if is_read_again:
            flow.cursor = None
            flow.save(update_fields=["cursor"])
        _update_table_defaults(flow, new)
        if maps and flow.map_version is not None:
            publish(flow, {**flow.map_version.maps, **maps}, note="")
        record_change("flow.settings_changed", subject=flow.name, before=before, after=after)
        sent = replay(RunRecord.objects.filter(flow=flow, code__in=_helped(names)))
        sent += sum(release(flow, spec.name) for spec in kind.tables if spec.preset in names)
        has_resumed = flow.state == Flow.State.PAUSED and flow.pause_code == "setting.missing"
        if has_resumed:
            resume(flow)
    return Changed(
        names,
        sent,
        specs,
        tuple(restarted),
        has_resumed,
        is_read_again=is_read_again,
        has_new_fields=bool(maps.keys() - restarted.keys()),
    )


def _new_specs(flow: Flow, old: FlowSettings, new: FlowSettings) -> tuple[TableSpec, ...]:
    """Return the tables that are needed now, were not before, and are not there from an earlier time."""
    kind, connector = kind_of(flow), connector_class(flow.target.connector)
    known = {spec.name for spec in kind.table_specs(old)}
    known |= set(ValueTable.objects.filter(flow=flow).values_list("name", flat=True))
    return tuple(spec for spec in kind.tables_for(connector, new) if spec.name not in known)


def _changed_maps(flow: Flow, old: FlowSettings, new: FlowSettings) -> dict[str, Any]:
    """Return the usual maps of records that become something else in the target. Raises SettingError."""
    kind, connector = kind_of(flow), connector_class(flow.target.connector)
    wanted = {
        resource: kind.target_kind(resource, new)
        for resource in kind.resources
        if kind.target_kind(resource, new) != kind.target_kind(resource, old)
    }
    if not set(wanted.values()) <= set(connector.targets):
        raise SettingError(_("%(system)s cannot take that.") % {"system": connector.title})
    maps = {resource: connector.targets[target].map_for(resource) for resource, target in wanted.items()}
    return {name: one.model_dump(mode="json") for name, one in maps.items()}


def _map_with_settings(flow: Flow, old: FlowSettings, new: FlowSettings) -> dict[str, Any]:
    """Bring the fields that settings make into line with them. One that a person changed since stays as it is."""
    kind, connector, changed = kind_of(flow), connector_class(flow.target.connector), {}
    for resource, stored in (flow.map_version.maps if flow.map_version else {}).items():
        written = connector.targets.get(kind.target_kind(resource, new))
        takes = written.takes if written else bool
        before = {one.target: one for one in kind.fields_for(resource, old) if takes(one.target)}
        after = {one.target: one for one in kind.fields_for(resource, new) if takes(one.target)}
        present = ResourceMap.model_validate(stored)
        found = present if before == after else _with_settings(present, before, after)
        if found != present:
            changed[resource] = found.model_dump(mode="json")
    return changed


def _with_settings(present: ResourceMap, before: Mapping[str, FieldMap], after: Mapping[str, FieldMap]) -> ResourceMap:
    standing = {one.target: one for one in present.fields}
    is_ours = {target: standing.get(target) == one for target, one in before.items()}
    gone = {target for target in before if target not in after and is_ours[target]}
    added = [
        one
        for target, one in after.items()
        if one != before.get(target) and (target not in standing or is_ours.get(target))
    ]
    kept = present.model_copy(update={"fields": tuple(one for one in present.fields if one.target not in gone)})
    return with_fields(kept, added)


def _map_with_presets(flow: Flow, maps: Mapping[str, Any], new: FlowSettings, names: frozenset[str]) -> dict[str, Any]:
    """Return the maps with the fields that a changed preset is sent in, where a map of earlier times lacks them."""
    kind, connector = kind_of(flow), connector_class(flow.target.connector)
    tables = {spec.name: spec.preset for spec in kind.tables if spec.preset in names}
    values = [value for name, value in kind.setting_values.items() if name in names]
    if not (tables or values) or flow.map_version is None:
        return {}
    changed = {}
    for resource, stored in {**flow.map_version.maps, **maps}.items():
        usual = connector.targets[kind.target_kind(resource, new)].map_for(resource)
        found = with_preset_fields(ResourceMap.model_validate(stored), usual, tables, values)
        if found is not None:
            changed[resource] = found.model_dump(mode="json")
    return changed


def _update_table_defaults(flow: Flow, chosen: FlowSettings) -> None:
    """A table keeps a copy of what its preset says, for whoever asks for tables of a rule."""
    for spec in kind_of(flow).tables:
        if spec.preset:
            preset = preset_of(spec, chosen)
            rule = {"no_pair": preset.no_pair.value, "default": preset.filled}
            ValueTable.objects.filter(flow=flow, name=spec.name).update(**rule)


def _helped(names: frozenset[str]) -> list[str]:
    """Return the causes that a change of these settings may have solved."""
    by_setting = {code for code, cause in CAUSES.items() if cause.fix is Fix.SETTING} - HELPED_BY.keys()
    return sorted(by_setting | {code for code, helpers in HELPED_BY.items() if helpers & names})
