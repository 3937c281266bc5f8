"""Where a set-up stands. Nothing is stored for it: connections, flows and answers themselves say what is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.models import Connection
from connectors.registry import connector_class
from dashboard import access
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
    """The pair of one environment: an organization may try the demo company and link its own systems beside it."""

    environment: str
    connections: dict[str, Connection]
    flows: list[Flow]

    @property
    def is_demo(self) -> bool:
        return self.environment == Connection.Environment.SANDBOX

    @property
    def is_authorised(self) -> bool:
        return all(key in self.connections and self.connections[key].state == Connection.State.OK for key in PAIR)

    @property
    def drafts(self) -> list[Flow]:
        return [flow for flow in self.flows if flow.state == Flow.State.DRAFT]

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
    """Return the set-up of the organization in context for an environment."""
    rows = Connection.objects.filter(environment=environment, connector__in=PAIR).order_by("-created_at")
    connections = {one.connector: one for one in rows.select_related("lane")}  # the oldest of each stands last
    flows = access.flows().filter(source__in=connections.values(), target__in=connections.values())
    return SetUp(environment, connections, list(flows))


def present_set_up() -> SetUp | None:
    """Return the set-up somebody is in: their own systems before the demo company, or None."""
    for environment in (Connection.Environment.PRODUCTION, Connection.Environment.SANDBOX):
        found = set_up_of(environment)
        if found.connections:
            return found
    return None


def pair_titles() -> list[str]:
    return [connector_class(key).title for key in PAIR]
