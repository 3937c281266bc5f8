"""A source whose times name no zone: what was read stands by the clock it was read with.

When the zone of such a connection is changed, the same text means another moment. A cursor would then lie too late and
leave out what changed in between. Each goes back to the moment that its clock time means in the new zone (never ahead,
as reading twice costs nothing), and a run that is reading begins its list again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from apicenter.errors import ChangedMeanwhile
from connectors.models import Connection
from flows.engine.work import Work
from flows.models import Flow, PortionMemory, Run
from flows.running.stopping import READING


def moved(moment: datetime | None, *, before: str, after: str) -> datetime | None:
    """Return the earliest of the moment and what its clock time in zone `before` means in zone `after`."""
    if moment is None:
        return None
    clock = moment.astimezone(ZoneInfo(before)).replace(tzinfo=ZoneInfo(after))
    return min(moment, *(clock.replace(fold=fold).astimezone(UTC) for fold in (0, 1)))


def move_cursors(connection: Connection, *, before: str, after: str) -> None:
    """Let all flows that read this connection go back. The caller holds its row, so no page is stored meanwhile."""
    with transaction.atomic():
        for flow in Flow.objects.filter(source=connection, cursor__isnull=False):
            flow.cursor = moved(flow.cursor, before=before, after=after)
            flow.save(update_fields=["cursor"])
        reading = Run.objects.filter(flow__source=connection, phase__in=READING).exclude(state=Run.State.DONE)
        PortionMemory.objects.filter(run__in=reading).delete()
        for run in reading.filter(phase=Run.Phase.READ):
            run.position = None
            run.since = moved(run.since, before=before, after=after)
            run.seen_until = moved(run.seen_until, before=before, after=after)
            run.save(update_fields=["position", "since", "seen_until"])


def ensure_same_clock(work: Work) -> None:
    """Hold the source's row for the present transaction, if its clock matters. Raises ChangedMeanwhile."""
    connector = work.source.connector
    if not connector.clock_setting:
        return
    rows = Connection.objects.select_for_update(of=("self",)).filter(pk=work.flow.source_id)
    present = rows.values_list("settings", flat=True).get()
    if present.get(connector.clock_setting) != connector.settings.get(connector.clock_setting):
        raise ChangedMeanwhile(system=connector.title, detail="the time zone of the connection was changed")
