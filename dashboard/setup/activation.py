"""Switching on what was set up."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.errors import ApicenterError
from dashboard.setup.outstanding import outstanding
from flows.models import Flow, Run
from flows.plans.charging import begin_trial
from flows.running.schedule import next_run
from flows.services import start_run


def activate(flows: list[Flow]) -> list[str]:
    """Activate flows that are being set up and start their first runs. Returns what went wrong, a sentence each.

    Records that would be held back do not keep it from starting; an answer that only a person can give does.
    """
    left = outstanding(flows)
    if left.count:
        return [_("Before you activate: %(what)s.") % {"what": left.words}]
    problems: list[str] = []
    for flow in flows:
        try:
            with transaction.atomic():
                _activate_one(flow)
        except ApicenterError as error:  # one that cannot start does not keep the others from it
            problems.append(f"{flow.title}: {error}")
    return problems


def _activate_one(flow: Flow) -> None:
    claimed = Flow.objects.filter(pk=flow.pk, state=Flow.State.DRAFT).update(
        state=Flow.State.ACTIVE, next_run_at=next_run(flow)
    )
    if claimed:  # two clicks make one run
        begin_trial(flow)
        record_change("flow.activated", subject=flow.name)
        start_run(flow, Run.Trigger.MANUAL, is_interactive=True)
