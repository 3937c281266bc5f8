"""The first runs while they are at work, and what is worth doing after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.flow.runs import RunLine, lines_of, runs_of
from dashboard.setup.flow_choice import expected_count, offers_of
from dashboard.setup.steps import SetUp
from flows.models import Flow, ValueRow


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """A flow with its newest run, and how many records that has to read, where they were counted."""

    flow: Flow
    line: RunLine | None
    expected: int | None

    @property
    def is_working(self) -> bool:
        return self.line is not None and self.line.is_working

    @property
    def needs_you(self) -> int:
        return self.line.sums.needs_you if self.line else 0

    @property
    def read(self) -> int:
        """How many records of its own kind were read."""
        tallies = self.line.run.tallies.all() if self.line else ()
        return sum(tally.read for tally in tallies if tally.kind == self.flow.kind)

    @property
    def has_share(self) -> bool:
        """Whether a bar can show how far it is."""
        return self.expected is not None and 0 < self.read <= self.expected


def first_load(flows: Iterable[Flow]) -> list[FirstLoad]:
    return [FirstLoad(flow, next(iter(lines_of(runs_of(flow=flow)[:1])), None), expected_count(flow)) for flow in flows]


@dataclass(frozen=True, slots=True)
class NextThing:
    """Something worth doing after the set-up; without an address it is done already."""

    icon: str
    title: str
    hint: str
    url: str = ""
    button: str = ""


def next_things(set_up: SetUp) -> list[NextThing]:
    """Return what to do next, what is done first. Pages this installation lacks are left out."""
    things = [NextThing("check", _("Linked both systems"), _linked_words(set_up))]
    hint = _("Every record has a line: what came, what was sent, what was answered.")
    things.append(NextThing("list-search", _("Follow the first records"), hint, reverse("dashboard:log"), _("Open")))
    people = _address("dashboard:team")
    if people:
        hint = _("So that questions reach the right person.")
        things.append(NextThing("users", _("Invite who does the books"), hint, people, _("Invite")))
    letters = _address("dashboard:notifications")
    if letters:
        hint = _("Who hears of what needs a person, and how.")
        things.append(NextThing("mail", _("Say where messages go"), hint, letters, _("Choose")))
    left_out = [str(offer.kind.title) for offer in offers_of(set_up) if offer.flow is None]
    if left_out:
        hint = _("You left this out: %(flows)s.") % {"flows": ", ".join(left_out)}
        url = reverse("dashboard:setup:flows", args=[set_up.environment])
        things.append(NextThing("plus", _("Add another flow"), hint, url, _("Set up")))
    if set_up.is_demo:
        url = reverse("dashboard:setup:authorise", args=["production"])
        hint = _("The demo company stays as it is beside them.")
        things.append(NextThing("plug-connected", _("Connect your own systems"), hint, url, _("Connect")))
    return things


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _linked_words(set_up: SetUp) -> str:
    fields = sum(_field_count(flow) for flow in set_up.flows)
    pairs = ValueRow.objects.filter(table__flow__in=set_up.flows).exclude(value="").count()
    mapped = ngettext("%(count)s field is mapped", "%(count)s fields are mapped", fields) % {"count": fields}
    paired = ngettext("%(count)s value has its counterpart", "%(count)s values have their counterpart", pairs)
    return f"{mapped}, {paired % {'count': pairs}}"


def _field_count(flow: Flow) -> int:
    maps = flow.map_version.maps.values() if flow.map_version else ()
    return sum(len(one["fields"]) + sum(len(rows) for rows in one.get("lists", {}).values()) for one in maps)
