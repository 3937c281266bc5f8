"""What may be told: for each event its words, who it concerns, and how soon unless somebody chooses otherwise.

The texts take the parameters of the notification. An event that is not told about a cause is announced through
`services.notify`; another part of the platform adds its own here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apicenter.notifications.rules import Channel, Mode
from apicenter.organizations.models import Membership

Role = Membership.Role


class Audience(StrEnum):
    """Whom an event concerns without anybody's choosing: everyone else may still ask to be told."""

    EVERYONE = "everyone"
    EDITORS = "editors"  # who can put records, flows and connections right
    ADMINS = "admins"  # who sees to plan, people and webhooks


ROLES: dict[Audience, frozenset[str]] = {
    Audience.EVERYONE: frozenset(Role.values),
    Audience.EDITORS: frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR}),
    Audience.ADMINS: frozenset({Role.OWNER, Role.ADMIN}),
}
AT_ONCE = {Channel.APP: Mode.NOW, Channel.EMAIL: Mode.NOW}
IN_SUMMARY = {Channel.APP: Mode.NOW, Channel.EMAIL: Mode.DAILY}


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of message: `name` and `about` stand on the settings page, `title` and `text` in the message."""

    code: str
    name: Promise
    about: Promise
    icon: str
    kind: str  # the colour of its state: ok, warn, bad, run or brand
    audience: Audience
    title: Promise | None = None
    text: Promise | None = None
    modes: dict[Channel, Mode] = field(default_factory=lambda: dict(AT_ONCE))
    breaks_quiet: bool = False  # may break through quiet hours, by choice
    goes_to_webhooks: bool = True  # unless chosen otherwise
    choice: str = ""  # the event whose row on the settings page decides about this one, if it has none itself


CONNECTION_LOST = "connection.lost"
CONNECTION_WORKS = "connection.works"
RECORDS_HELD = "records.held"
RECORDS_REMINDER = "records.reminder"
RECORDS_SOLVED = "records.solved"
FLOW_PAUSED = "flow.paused"
RUN_STUCK = "run.stuck"
RUN_GOES_ON = "run.goes_on"
FLOW_QUIET = "flow.quiet"
TOKEN_ENDS = "token.ends"  # noqa: S105 - an event
CHECK_FOUND = "check.found"
TRIAL = "trial"
WEBHOOK_OFF = "webhook.off"
DIGEST = "digest"
TEST = "test"

EVENTS: dict[str, Event] = {
    event.code: event
    for event in (
        Event(
            CONNECTION_LOST,
            _("A connection stopped"),
            _("Access was withdrawn or has run out. All its flows wait."),
            "plug-connected-x",
            "bad",
            Audience.EDITORS,
            breaks_quiet=True,
        ),
        Event(
            CONNECTION_WORKS,
            _("A connection works again"),
            _("What waited goes on by itself."),
            "plug-connected",
            "ok",
            Audience.EDITORS,
        ),
        Event(
            RECORDS_HELD,
            _("Records need you"),
            _("A new cause holds records back."),
            "alert-circle",
            "bad",
            Audience.EDITORS,
        ),
        Event(
            RECORDS_REMINDER,
            _("Records still need you"),
            _("At most one reminder a day for each cause, while it is open."),
            "clock",
            "warn",
            Audience.EDITORS,
            goes_to_webhooks=False,
        ),
        Event(
            RECORDS_SOLVED,
            _("Solved again"),
            _("The last record of a cause is through or set aside. Told to who got the first message."),
            "circle-check",
            "ok",
            Audience.EDITORS,
        ),
        Event(
            FLOW_PAUSED,
            _("A flow paused by itself"),
            _("It cannot go on without a decision. Nothing is lost."),
            "player-pause",
            "bad",
            Audience.EDITORS,
        ),
        Event(
            RUN_STUCK,
            _("A run does not get on"),
            _("A system has been out of reach for an hour, or something went wrong on our side."),
            "refresh",
            "warn",
            Audience.EDITORS,
        ),
        Event(
            FLOW_QUIET,
            _("A flow is unusually quiet"),
            _("Nothing came in for a day, though it does on this day of every week."),
            "volume-off",
            "warn",
            Audience.EDITORS,
        ),
        Event(
            TOKEN_ENDS,
            _("An API token ends soon"),
            _("A week before, for tokens that are in use."),
            "key",
            "warn",
            Audience.ADMINS,
        ),
        Event(
            CHECK_FOUND,
            _("The nightly check found something"),
            _("Records that no run had brought, or that are gone on one side. Left out when all is well."),
            "search",
            "warn",
            Audience.EDITORS,
            title=_("%(flow)s: the nightly check found something"),
            text=_(
                "%(compared)s compared: %(found)s found and sent on their way, %(vanished)s gone in the source, "
                "%(gone)s gone in the target."
            ),
            modes=dict(IN_SUMMARY),
        ),
        Event(
            TRIAL,
            _("Trial, plan and invoices"),
            _("What ends, and what is to be paid."),
            "file-invoice",
            "brand",
            Audience.ADMINS,
            goes_to_webhooks=False,
        ),
        Event(
            WEBHOOK_OFF,
            _("A webhook was switched off"),
            _("It did not answer for days, so nothing is sent to it any more."),
            "webhook",
            "bad",
            Audience.ADMINS,
            title=_("The webhook “%(name)s” was switched off"),
            text=_("It has not taken a message for %(days)s days. Correct its address, then switch it on again."),
            goes_to_webhooks=False,
        ),
        Event(
            DIGEST,
            _("Daily summary"),
            _("What came in, what needs you, what was solved. Left out on days when all is well."),
            "mail",
            "brand",
            Audience.EDITORS,
            title=_("Your daily summary"),
            modes={Channel.APP: Mode.OFF, Channel.EMAIL: Mode.NOW},
            goes_to_webhooks=False,
        ),
        Event(
            TEST,
            _("Test"),
            _("A message to see that it arrives."),
            "send",
            "brand",
            Audience.EVERYONE,
            title=_("This is a test"),
            text=_("Messages from %(organization)s reach you here."),
            choice=TEST,
        ),
        Event(
            RUN_GOES_ON,
            _("A run gets on again"),
            _("What waited goes on by itself."),
            "circle-check",
            "ok",
            Audience.EDITORS,
            choice=RUN_STUCK,
        ),
    )
}


def register(event: Event) -> None:
    """Add an event of another part of the platform; with `choice` it goes with a row that stands there already."""
    EVENTS[event.code] = event


def event_of(code: str) -> Event:
    """Return the event; raises KeyError for an unknown code."""
    return EVENTS[code]


def choice_of(code: str) -> str:
    """Return the code of the event whose row on the settings page decides about this one."""
    return EVENTS[code].choice or code


def choices() -> list[Event]:
    """Return the events a person decides about, in the order of the page."""
    return [event for event in EVENTS.values() if not event.choice]


def concerns(code: str, *, role: str, audience: Audience | None = None) -> bool:
    """Whether an event is this role's business; everybody else is told only if they ask for it."""
    return role in ROLES[audience or EVENTS[code].audience]


def default_mode(code: str, channel: Channel, *, role: str, audience: Audience | None = None) -> Mode:
    """Return how a member with this role is told when nobody chose anything."""
    return EVENTS[code].modes[channel] if concerns(code, role=role, audience=audience) else Mode.OFF
