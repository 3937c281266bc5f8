"""The filter of a flow: storing it, and trying it on records that were read lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.errors import RecordError
from connectors.base import FieldInfo, Option, Source, SourceRecord, Window
from connectors.services import open_connector
from flows.engine import planning
from flows.engine.work import given_for, source_for
from flows.maps.conditions import Condition, describe, matches, parse_condition
from flows.models import Flow, RunRecord
from flows.services import kind_of

RECENT = 50
LOOKED_AT = 4 * RECENT  # a record may stand in several runs, and some cannot be read
LIVE_DAYS = 365
EXAMPLES = 5
KEEP_SECONDS = 600


def set_filters(flow: Flow, condition: Condition | None) -> None:
    """Store which records the flow sends from its next run on; None or no rules = all."""
    wanted = condition if condition is not None and condition.rules else None
    before = parse_condition(flow.filters)
    flow.filters = wanted.model_dump(mode="json", exclude_defaults=True) if wanted else None
    with transaction.atomic():
        flow.save(update_fields=["filters"])
        record_change(
            "flow.filters_changed",
            subject=flow.name,
            before={"filter": describe(before) if before else ""},
            after={"filter": describe(wanted) if wanted else ""},
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """What a filter does to some records."""

    total: int
    fitting: tuple[SourceRecord, ...]
    left_out: tuple[SourceRecord, ...]

    @property
    def passed(self) -> int:
        return len(self.fitting)

    @property
    def passing_examples(self) -> tuple[SourceRecord, ...]:
        return self.fitting[:EXAMPLES]

    @property
    def other_examples(self) -> tuple[SourceRecord, ...]:
        return self.left_out[:EXAMPLES]


def try_filter(condition: Condition | None, records: Sequence[SourceRecord]) -> Hits:
    """Return which of the records fit. Pure."""
    fits = [condition is None or matches(condition, record) for record in records]
    return Hits(
        total=len(records),
        fitting=tuple(record for record, passes in zip(records, fits, strict=True) if passes),
        left_out=tuple(record for record, passes in zip(records, fits, strict=True) if not passes),
    )


def recent_records(flow: Flow, *, most: int = RECENT) -> list[SourceRecord]:
    """Return the records that came last, newest first, each once: from the log, or else a page read now.

    What the flow's settings leave out anyway is left out here too. Raises RetryableError, FlowError.
    """
    kind = kind_of(flow)
    chosen = kind.settings_model.model_validate(flow.settings)
    with open_connector(flow.source, is_interactive=True) as connector:
        given = given_for(flow)
        source = source_for(kind, connector, chosen, given.tables)
        records = list(_logged(flow, source)) or _read_now(source)
        wanted = (record for record in records if kind.omit(record, chosen) is None)
        prepared = (planning.prepare(kind, record, given) for record in wanted)
        return [record for record in prepared if isinstance(record, SourceRecord)][:most]


def _logged(flow: Flow, source: Source) -> Iterator[SourceRecord]:
    rows = RunRecord.objects.filter(flow=flow, kind=source.kind, source__isnull=False).defer("exchange")
    seen: set[str] = set()
    for row in rows.select_related("organization").order_by("-created_at")[:LOOKED_AT]:
        if row.source_key in seen:
            continue
        seen.add(row.source_key)
        raw = row.read_source()
        with suppress(RecordError, KeyError, TypeError):  # what the source left out came without the parts of a record
            yield source.parse(raw)


def _read_now(source: Source) -> list[SourceRecord]:
    page = source.page(Window(since=timezone.now() - timedelta(days=LIVE_DAYS)), None)
    return [record for record in reversed(page.records) if isinstance(record, SourceRecord)]


def source_fields(flow: Flow) -> list[FieldInfo]:
    """Return the fields a filter may name, kept for some minutes. Raises RetryableError, FlowError."""
    kept = f"source-fields:{flow.source_id}:{kind_of(flow).source_kind}"
    found: list[FieldInfo] | None = cache.get(kept)
    if found is None:
        with open_connector(flow.source, is_interactive=True) as connector:
            found = connector.source(kind_of(flow).source_kind).fields()
        cache.set(kept, found, KEEP_SECONDS)
    return found


def source_options(flow: Flow, list_name: str) -> list[Option]:
    """Return a reference list of the source, kept for some minutes. Raises RetryableError, FlowError."""
    kept = f"source-options:{flow.source_id}:{list_name}"
    found: list[Option] | None = cache.get(kept)
    if found is None:
        with open_connector(flow.source, is_interactive=True) as connector:
            found = connector.options(list_name) if list_name in connector.option_lists else []
        cache.set(kept, found, KEEP_SECONDS)
    return found
