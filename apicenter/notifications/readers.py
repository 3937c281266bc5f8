"""Who is told, and what each of them chose: a person's own choices over those of the company over ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apicenter.notifications.events import EVENTS, Audience, choice_of, concerns, default_mode
from apicenter.notifications.models import Preferences
from apicenter.notifications.rules import Channel, Decision, Mode, Quiet, decide
from apicenter.organizations.models import Membership, Organization, User

PERSONAL = (Channel.APP, Channel.EMAIL)
MORNING = time(8)


@dataclass(frozen=True, slots=True)
class Reader:
    """One member with everything that decides how they are told."""

    user: User
    role: str
    organization: Organization
    own: Preferences
    company: Preferences

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.own.time_zone or self.organization.time_zone)

    @property
    def hours(self) -> Preferences:
        """Whose quiet hours hold."""
        return self.own if self.own.has_own_hours else self.company

    @property
    def quiet(self) -> Quiet | None:
        return quiet_of(self.hours, zone=self.zone)

    @property
    def breaks_quiet(self) -> bool:
        return self.hours.breaks_quiet

    def mode(self, event: str, channel: Channel, audience: Audience | None = None) -> Mode:
        """Return how soon this person is told of an event through a channel."""
        code = choice_of(event)
        chosen = chosen_mode(self.own.choices, code, channel)
        if chosen is None and concerns(event, role=self.role, audience=audience):
            chosen = chosen_mode(self.company.choices, code, channel)
        return chosen or default_mode(event, channel, role=self.role, audience=audience)

    def decide(
        self, event: str, channel: Channel, *, now: datetime, flow_id: Any = None, audience: Audience | None = None
    ) -> Decision:
        """Return what becomes of a message to this person."""
        mode = self.mode(event, channel, audience)
        if flow_id is not None and str(flow_id) in self.own.muted_flows:
            mode = Mode.OFF
        return decide(
            mode,
            channel,
            now=now,
            quiet=self.quiet,
            paused_until=self.own.paused_until,
            breaks_quiet=self.breaks_quiet and EVENTS[event].breaks_quiet,
        )


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone; UTC for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def quiet_of(preferences: Preferences, *, zone: ZoneInfo) -> Quiet | None:
    """Return the quiet hours in these choices, or None."""
    start, end, weekend = preferences.quiet_from, preferences.quiet_until, preferences.quiet_weekend
    if (start is None or end is None or start == end) and not weekend:
        return None
    return Quiet(start or time(0), end or time(0), zone, weekend)


def chosen_mode(choices: dict[str, Any], code: str, channel: Channel) -> Mode | None:
    """Return what was chosen, or None; a value that is none any more counts as not chosen."""
    value = (choices.get(code) or {}).get(channel.value)
    return Mode(value) if value in {mode.value for mode in Mode} else None


def company_preferences() -> Preferences:
    """Return what holds for everybody who chose nothing; not saved yet when nobody set it."""
    return Preferences.objects.filter(user=None).first() or Preferences()


def own_preferences(user: User) -> Preferences:
    """Return a person's choices in the organization in context, or fresh ones."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def readers() -> list[Reader]:
    """Return every member of the organization in context who can sign in."""
    company = company_preferences()
    own = {row.user_id: row for row in Preferences.objects.exclude(user=None)}
    rows = Membership.objects.filter(user__is_active=True).select_related("user", "organization").order_by("joined_at")
    return [
        Reader(row.user, row.role, row.organization, own.get(row.user_id) or Preferences(user=row.user), company)
        for row in rows
    ]


def reader_of(user: User) -> Reader | None:
    """Return one member, or None for somebody who has left."""
    return next((reader for reader in readers() if reader.user.pk == user.pk), None)


def is_paused(preferences: Preferences, now: datetime) -> bool:
    return preferences.paused_until is not None and preferences.paused_until.astimezone(UTC) > now
