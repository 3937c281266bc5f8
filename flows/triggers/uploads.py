"""A file that was uploaded is read at once by the flows that have it as their source."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from apicenter.errors import SettingMissing
from connectors import sheets
from connectors.files import Choices
from connectors.models import Connection, Sheet
from connectors.sheets import Taken
from flows.catalog.registry import flow_kind
from flows.models import Flow, Run
from flows.services import start_run

logger = logging.getLogger(__name__)


def take_file(
    sheet: Sheet, columns: Mapping[str, str], choices: Choices, *, trigger: str = Run.Trigger.MANUAL
) -> tuple[Taken, list[Run]]:
    """Take the records of a file and let flows read what is new or changed. Raises BadFile."""
    taken = sheets.take(sheet, columns, choices)
    return taken, start_readers(sheet, trigger=trigger) if taken.new or taken.changed else []


def start_readers(sheet: Sheet, *, trigger: str) -> list[Run]:
    """Start the active flows that read a sheet; one that no plan covers is left alone."""
    runs = []
    for flow in readers_of(sheet.connection, sheet.kind):
        if flow.state != Flow.State.ACTIVE:
            continue
        try:
            runs.append(start_run(flow, trigger, is_interactive=True))
        except SettingMissing as error:
            logger.info("flow %s was not started by an upload: %s", flow.pk, error.code)
    return runs


def readers_of(connection: Connection, kind: str) -> list[Flow]:
    """Return the flows that read sheets of a kind."""
    flows = Flow.objects.filter(source=connection).select_related("source", "target")
    return [flow for flow in flows if flow_kind(flow.kind).source_kind == kind]


def writers_of(connection: Connection, kind: str) -> list[Flow]:
    """Return the flows that write sheets of a kind, as their own records or with them."""
    flows = Flow.objects.filter(target=connection).select_related("source", "target")
    return [flow for flow in flows if kind in flow_kind(flow.kind).resources]
