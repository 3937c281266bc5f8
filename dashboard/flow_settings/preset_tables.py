"""The value tables behind the presets of a flow, for the page of its settings."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q

from dashboard.flow_settings.preset_field import PresetTable
from flows.catalog.base import TableSpec, preset_of
from flows.flow_settings import chosen_settings
from flows.maps.field_lists import source_fields
from flows.models import Flow, ValueTable
from flows.services import kind_of

CUSTOM = "custom_fields."


def preset_tables(flow: Flow) -> dict[str, PresetTable]:
    """Return the table of each preset that has one, by the preset's name. Asks neither system."""
    kind, settings = kind_of(flow), chosen_settings(flow)
    specs = [spec for spec in kind.tables if spec.preset]
    is_open = Q(rows__is_confirmed=False, rows__value="")  # as the list of all tables counts them
    counted = ValueTable.objects.filter(flow=flow, name__in=[spec.name for spec in specs]).annotate(
        total=Count("rows"), waiting=Count("rows", filter=is_open)
    )
    known = {table.name: table for table in counted}
    found = {}
    for spec in specs:
        table = known.get(spec.name)
        counts = (table.pk, table.waiting, table.total) if table else (None, 0, 0)
        sources = dict(_sources(flow, spec))
        chosen = preset_of(spec, settings).source
        if chosen and sources:
            sources.setdefault(chosen, chosen)  # a field that is gone is told rather than replaced
        found[spec.preset] = PresetTable(str(spec.title), list(sources.items()), *counts)
    return found


def _sources(flow: Flow, spec: TableSpec) -> Iterator[tuple[str, str]]:
    """Yield the fields a table may be read by: its own, and the custom fields of the account; "" is the usual one."""
    if not spec.sources:
        return
    yield "", str(spec.sources[0].title)
    yield from ((one.path, str(one.title)) for one in spec.sources[1:])
    fields = source_fields(flow, flow.kind, is_offline=True).fields
    yield from ((one.path, str(one.title)) for one in fields if one.path.startswith(CUSTOM))
