"""The menu at the side: pages, flows with their state, and how many records need a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from apicenter.notifications.inbox import unread_count
from apicenter.organizations.models import Organization
from dashboard import access
from dashboard.marks import OPEN_RUNS, READING, Mark, mark_of_flow
from dashboard.overview.page import open_counts
from dashboard.words import FLOW_ICONS
from flows.models import Flow, Run, RunRecord


@dataclass(frozen=True, slots=True)
class MenuFlow:
    """A flow in the menu."""

    flow: Flow
    mark: Mark
    icon: str


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands beside every page of an organization."""

    organization: Organization
    organizations: list[Organization]
    flows: list[MenuFlow]
    needs_you: int
    unread: int


def menu_of(request: access.MemberRequest) -> Menu:
    """Return the menu; five small queries on every page."""
    counts = open_counts()
    runs = Run.objects.filter(flow=OuterRef("pk"))
    reading = runs.filter(state__in=OPEN_RUNS, phase__in=READING)
    flows = access.flows().annotate(has_run=Exists(runs), is_reading=Exists(reading))
    return Menu(
        organization=request.organization,
        organizations=list(access.organizations_of(request.user)),
        flows=[_entry(flow, counts) for flow in flows],
        needs_you=sum(number for (_flow, state), number in counts.items() if state == RunRecord.State.NEEDS_YOU),
        unread=unread_count(request.user),
    )


def _entry(flow: Flow, counts: dict[tuple[object, str], int]) -> MenuFlow:
    mark = mark_of_flow(
        flow,
        has_run=flow.has_run,  # type: ignore[attr-defined]
        reading=Mark("run", "progress", str(Run.State.RUNNING.label)) if flow.is_reading else None,  # type: ignore[attr-defined]
        needs_you=counts.get((flow.pk, RunRecord.State.NEEDS_YOU), 0),
        waiting=counts.get((flow.pk, RunRecord.State.WAITING), 0),
    )
    return MenuFlow(flow, mark, FLOW_ICONS.get(flow.kind, "refresh"))
