"""The table of what is worth a message: one row per event, one column per way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apicenter.notifications.events import DIGEST, Event, choices
from apicenter.notifications.models import Webhook
from apicenter.notifications.readers import Reader, chosen_mode
from apicenter.notifications.rules import Channel, Mode

SOON: dict[Mode, Promise] = {
    Mode.NOW: _("at once"),
    Mode.DAILY: _("in the daily summary"),
    Mode.OFF: _("no e-mail"),
}
SUMMARY: dict[Mode, Promise] = {Mode.NOW: _("once a day"), Mode.OFF: _("no e-mail")}


@dataclass(frozen=True, slots=True)
class Line:
    """One event as somebody is told of it."""

    event: Event
    is_in_app: bool
    email: Mode
    webhooks: list[tuple[Webhook, bool]]

    @property
    def has_app(self) -> bool:
        """The summary is a letter; in the app everything stands anyway."""
        return self.event.code != DIGEST

    @property
    def modes(self) -> list[tuple[str, Promise, bool]]:
        words = SUMMARY if self.event.code == DIGEST else SOON
        return [(mode.value, text, mode is self.email) for mode, text in words.items()]


def lines_of(reader: Reader, webhooks: Iterable[Webhook]) -> list[Line]:
    """Return the table as it holds for one person."""
    hooks = list(webhooks)
    return [
        Line(
            event,
            reader.mode(event.code, Channel.APP) is not Mode.OFF,
            reader.mode(event.code, Channel.EMAIL),
            [(hook, event.code in hook.events) for hook in hooks],
        )
        for event in choices()
    ]


def company_lines(chosen: Mapping[str, dict[str, str]], webhooks: Iterable[Webhook]) -> list[Line]:
    """Return the table as it holds for everybody who chose nothing."""
    hooks = list(webhooks)
    return [
        Line(
            event,
            _company_mode(chosen, event, Channel.APP) is not Mode.OFF,
            _company_mode(chosen, event, Channel.EMAIL),
            [(hook, event.code in hook.events) for hook in hooks],
        )
        for event in choices()
    ]


def _company_mode(chosen: Mapping[str, dict[str, str]], event: Event, channel: Channel) -> Mode:
    return chosen_mode(dict(chosen), event.code, channel) or event.modes[channel]


def read_choices(data: Mapping[str, str], *, base: Iterable[Line]) -> dict[str, dict[str, str]]:
    """Return what a posted table says, without what holds anyway: `base` is the table of somebody who chose nothing.

    A value that is none of the offered ones counts as not chosen.
    """
    chosen: dict[str, dict[str, str]] = {}
    for line in base:
        code, own = line.event.code, {}
        is_in_app = data.get(f"app:{code}") == "on"
        if line.has_app and is_in_app != line.is_in_app:
            own[Channel.APP.value] = (Mode.NOW if is_in_app else Mode.OFF).value
        email = data.get(f"email:{code}", "")
        if email in {mode for mode, _text, _on in line.modes} and email != line.email.value:
            own[Channel.EMAIL.value] = email
        if own:
            chosen[code] = own
    return chosen
