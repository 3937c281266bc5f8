"""What a record that is held back would be sent as, mapped anew from what came. Calls nobody and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from apicenter.errors import MappingError
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from flows.engine.work import tables_of
from flows.maps.mapping import build, compile_map
from flows.maps.samples import is_found_later, open_sample
from flows.models import RunRecord

ROW = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Draft:
    """The payload as far as it can be made: which fields fail, with the reason, and which are looked up on sending."""

    payload: JSONDict
    failed: dict[str, MappingError]
    later: list[str]


def would_send(record: RunRecord) -> Draft | None:
    """Map a stored record with the fields and tables as they are now. Never raises; None when it cannot be told."""
    flow = record.flow
    version = flow.map_version
    stored = version.maps.get(record.kind) if version else None
    sample = open_sample(flow, record) if stored and record.source is not None else None
    if sample is None or sample.source is None:
        return None
    try:
        one = ResourceMap.model_validate(stored)
        compiled = compile_map(one)
    except (ValidationError, MappingError):
        return None
    tables = tables_of(flow)
    built = build(compiled, sample.source, tables=tables, kind="update" if record.target_id else "create", trace=True)
    errors = {path: trace.error for path, trace in built.traces.items() if trace.error is not None}
    found_later = set(_found_later(one))
    later = [path for path in errors if ROW.sub("", path) in found_later]
    failed = {path: error for path, error in errors.items() if path not in later}
    return Draft(built.payload, failed, later)


def _found_later(one: ResourceMap) -> Iterator[str]:
    """Yield the fields whose value is looked up only when the record is sent."""
    yield from (entry.target for entry in one.fields if is_found_later(entry))
    for name, rows in one.lists.items():
        yield from (f"{name}.{entry.target}" for entry in rows if is_found_later(entry))
