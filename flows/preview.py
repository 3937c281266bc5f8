"""A dry run: what would happen to the next records, with the exact payload. Reads and looks up; writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from connectors.base import ReadRecord, Window
from flows import engine
from flows.models import Flow
from flows.services import window_start
from flows.work import Work, open_work
from flows.writing import Planned


def preview(flow: Flow, *, limit: int = 20, from_start: bool = False) -> list[Planned]:
    """Plan up to `limit` records of the flow's next window. Raises RetryableError, FlowError."""
    with open_work(flow, None, ensure=engine.ensure_dry) as work:
        window = Window(since=flow.start_from if from_start else window_start(flow))
        records = list(islice(_records(work, window), limit))
        return engine.plan_records(work, work.kind.key, records)


def _records(work: Work, window: Window) -> Iterator[ReadRecord]:
    position = None
    while True:
        page = work.source.page(window, position)
        yield from page.records
        position = page.position
        if position is None:
            return
