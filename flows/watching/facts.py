"""What is wrong in an organization just now, as the facts that people are told about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from apicenter.api.models import ApiToken
from apicenter.notifications.incidents import REMEMBERED, Aftermath, Fact, moment
from apicenter.notifications.models import Incident
from connectors.models import Connection
from flows.models import Flow, Run, RunRecord, Tally
from flows.needs.cause_keys import cause_key
from flows.watching.silence import quiet_flows

State = RunRecord.State
Kind = Incident.Kind
TOKEN_NOTICE = timedelta(days=7)
PATIENCE = timedelta(hours=1)  # a system that is out of reach is tried again by itself: told only when that goes on
AT_WORK = (Run.State.WAITING, Run.State.RUNNING)
SENT = (State.CREATED, State.UPDATED, State.UNCHANGED)
TOLD_ELSEWHERE = "trial."  # a pause with such a code is announced by what ends the trial


def facts() -> list[Fact]:
    """Return everything that is wrong in the organization in context."""
    return [*_connections(), *_flows(), *_runs(), *_causes(), *quiet_flows(), *_tokens()]


def _connections() -> Iterator[Fact]:
    for row in Connection.objects.filter(state=Connection.State.NEEDS_PERSON):
        params = {**row.problem_params, "connection": row.name}
        yield Fact(Kind.CONNECTION, f"connection:{row.pk}", row.problem_code, params, subject_id=row.pk)


def _flows() -> Iterator[Fact]:
    paused = Flow.objects.filter(state=Flow.State.PAUSED).exclude(pause_code="")
    for flow in paused.exclude(pause_code__startswith=TOLD_ELSEWHERE):
        yield Fact(Kind.FLOW, f"flow:{flow.pk}", flow.pause_code, dict(flow.pause_params), flow_id=flow.pk)


def _runs() -> Iterator[Fact]:
    """Runs that do not get on, one fact per flow; where a connection or a pause explains it, that is told instead."""
    stuck = Run.objects.filter(state__in=AT_WORK, flow__state=Flow.State.ACTIVE).exclude(problem_code="")
    needy = Connection.State.NEEDS_PERSON
    stuck = stuck.exclude(flow__source__state=needy).exclude(flow__target__state=needy)
    by_flow = {run.flow_id: run for run in stuck.order_by("-created_at")}
    for run in by_flow.values():
        wait = moment() if run.problem_code == "internal" else PATIENCE
        key = f"run:{run.flow_id}"
        yield Fact(
            Kind.RUN, key, run.problem_code, dict(run.problem_params), flow_id=run.flow_id, subject_id=run.pk, wait=wait
        )


def _causes() -> Iterator[Fact]:
    """One fact per cause and flow, however many records it holds back."""
    groups: dict[str, list[tuple[Any, ...]]] = {}
    rows = RunRecord.objects.filter(state=State.NEEDS_YOU).order_by("created_at", "pk")
    for row in rows.values_list("pk", "flow_id", "code", "params", "kind"):
        groups.setdefault(cause_key(row[1], row[2], row[3]), []).append(row)
    for key, members in groups.items():
        _pk, flow_id, code, params, kind = members[0]
        yield Fact(
            Kind.RECORDS,
            f"cause:{key}",
            code,
            {**params, "kind": kind},
            flow_id=flow_id,
            count=len(members),
            records=tuple(str(member[0]) for member in members[:REMEMBERED]),
            wait=moment(),
        )


def _tokens() -> Iterator[Fact]:
    """Tokens of the public API that are in use and end within a week."""
    now = timezone.now()
    ending = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + TOKEN_NOTICE)
    for token in ending.exclude(last_used_at=None):
        params = {"name": token.name, "day": f"{timezone.localtime(token.expires_at):%Y-%m-%d}"}
        yield Fact(Kind.TOKEN, f"token:{token.pk}", "token.ends", params, subject_id=token.pk)


def aftermath(records: Sequence[str]) -> Aftermath:
    """Return what became of records that were held back; those deleted since count for nothing."""
    rows = RunRecord.objects.filter(pk__in=records).order_by().values_list("state").annotate(number=Count("pk"))
    numbers = dict(rows)
    return Aftermath(
        waiting=numbers.get(State.WAITING, 0),
        sent=sum(numbers.get(state, 0) for state in SENT),
        set_aside=numbers.get(State.SKIPPED, 0),
    )


def came_in(since: datetime) -> dict[str, int]:
    """Return what came in since a moment: the accounting of all runs that began then."""
    names = ("read", *Tally.BUCKETS)
    sums = Tally.objects.filter(run__created_at__gte=since).aggregate(**{name: Sum(name) for name in names})
    return {name: number or 0 for name, number in sums.items()}
