"""Switching on what was set up."""

from __future__ import annotations

from django.db import transaction

from apicenter.errors import ApicenterError
from dashboard.setup.flow_choice import next_run
from flows.models import Flow, Run
from flows.services import start_run


def activate(flows: list[Flow]) -> list[str]:
    """Activate flows that are being set up and start their first runs. Returns what went wrong, a sentence each."""
    problems: list[str] = []
    for flow in flows:
        try:
            with transaction.atomic():
                _activate_one(flow)
        except ApicenterError as error:  # one that cannot start does not keep the others from it
            problems.append(f"{flow.name}: {error}")
    return problems


def _activate_one(flow: Flow) -> None:
    claimed = Flow.objects.filter(pk=flow.pk, state=Flow.State.DRAFT).update(
        state=Flow.State.ACTIVE, next_run_at=next_run(flow)
    )
    if claimed:  # two clicks make one run
        start_run(flow, Run.Trigger.MANUAL, is_interactive=True)
