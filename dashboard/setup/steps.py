"""Where a set-up stands. Nothing is stored for it: connections, flows and answers themselves say what is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.models import Connection
from connectors.registry import connector_class
from dashboard import access
from dashboard.setup.file_set_up import has_files, partner_of
from flows.models import Flow

PAIR = ("visma_net", "teamleader")  # the ready-made pair, in the order it is drawn


class Step(StrEnum):
    """The steps, in their order; each is the name of an address."""

    SYSTEMS = "systems"
    AUTHORISE = "authorise"
    FLOWS = "flows"
    QUESTIONS = "questions"
    TEST = "test"
    DONE = "done"


TITLES: dict[Step, tuple[Promise, Promise]] = {
    Step.SYSTEMS: (_("Choose systems"), _("your own, or a demo company")),
    Step.AUTHORISE: (pgettext_lazy("a step of the set-up", "Authorise"), _("both systems let us in")),
    Step.FLOWS: (_("Choose flows"), _("what goes where")),
    Step.QUESTIONS: (_("Answer questions"), _("only what cannot be known")),
    Step.TEST: (pgettext_lazy("a step of the set-up", "Test"), _("dry run on real records")),
    Step.DONE: (pgettext_lazy("a step of the set-up", "Activate"), _("the first records are sent")),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as the list at the side shows it."""

    number: int
    title: str
    hint: str
    url: str  # "" while it cannot be opened
    is_done: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class SetUp:
    """The pair of one environment: an organization may try the demo company and link its own systems beside it.

    With a spreadsheet in place of one system, `environment` is the id of the connection with the files.
    """

    environment: str
    connections: dict[str, Connection]
    flows: list[Flow]
    pair: tuple[str, ...] = PAIR

    @property
    def is_demo(self) -> bool:
        sandbox = Connection.Environment.SANDBOX
        return self.environment == sandbox or any(one.environment == sandbox for one in self.connections.values())

    @property
    def files(self) -> Connection | None:
        """The connection with files, if this set-up has one."""
        return next((one for one in self.connections.values() if has_files(one)), None)

    @property
    def is_authorised(self) -> bool:
        states = [self.connections[key].state for key in self.pair if key in self.connections]
        return (
            len(states) > 1 and all(state == Connection.State.OK for state in states) and len(states) == len(self.pair)
        )

    @property
    def drafts(self) -> list[Flow]:
        return [flow for flow in self.flows if flow.state == Flow.State.DRAFT]

    @property
    def asked(self) -> list[Flow]:
        """The flows whose questions are asked: those being set up, else all."""
        return self.drafts or self.flows

    @property
    def is_finished(self) -> bool:
        return bool(self.flows) and not self.drafts

    @property
    def next_step(self) -> Step:
        """Return where somebody who comes back goes on."""
        if self.is_finished:
            return Step.DONE
        if not self.is_authorised:
            return Step.AUTHORISE
        return Step.QUESTIONS if self.flows else Step.FLOWS

    def url(self, step: Step) -> str:
        if step is Step.SYSTEMS:
            return reverse("dashboard:setup:systems")
        return reverse(f"dashboard:setup:{step}", args=[self.environment])

    def lines(self, here: Step) -> list[StepLine]:
        """Return the steps; one that lies ahead opens once those before it are done."""
        order = list(Step)
        reached = order.index(self.next_step)
        if self.drafts:
            reached = order.index(Step.TEST)
        return [
            StepLine(
                number=number,
                title=str(TITLES[step][0]),
                hint=str(TITLES[step][1]),
                url=self.url(step) if number - 1 <= reached and step is not here else "",
                is_done=self._is_done(step, here),
                is_here=step is here,
            )
            for number, step in enumerate(order, start=1)
        ]

    def _is_done(self, step: Step, here: Step) -> bool:
        if step is Step.SYSTEMS:
            return bool(self.connections)
        if step is Step.AUTHORISE:
            return self.is_authorised
        if step is Step.FLOWS:
            return bool(self.flows)
        return self.is_finished or (step is Step.QUESTIONS and here is Step.TEST)


def set_up_of(environment: str) -> SetUp:
    """Return the set-up of the organization in context for an environment, or for a connection with files.

    Raises Http404.
    """
    if environment not in Connection.Environment.values:
        return _file_set_up(environment)
    rows = Connection.objects.filter(environment=environment, connector__in=PAIR).order_by("-created_at")
    connections = {one.connector: one for one in rows.select_related("lane")}  # the oldest of each stands last
    flows = access.flows().filter(source__in=connections.values(), target__in=connections.values())
    return SetUp(environment, connections, list(flows))


def _file_set_up(pk: str) -> SetUp:
    files = get_object_or_404(Connection.objects.select_related("lane"), pk=pk)
    if not has_files(files):
        raise Http404
    both = [one for one in (files, partner_of(files)) if one is not None]
    flows = access.flows().filter(source__in=both, target__in=both)
    return SetUp(pk, {one.connector: one for one in both}, list(flows), tuple(one.connector for one in both))


def set_up_name(flow: Flow) -> str:
    """Return what the set-up of a flow goes by in addresses."""
    files = next((one for one in (flow.source, flow.target) if has_files(one)), None)
    return str(files.pk) if files else flow.source.environment


def present_set_up() -> SetUp | None:
    """Return the set-up somebody is in: their own systems before the demo company, or None."""
    for environment in (Connection.Environment.PRODUCTION, Connection.Environment.SANDBOX):
        found = set_up_of(environment)
        if found.connections:
            return found
    return None


def pair_titles() -> list[str]:
    return [connector_class(key).title for key in PAIR]
