"""What a notification is called: a title, a sentence, and where one goes on, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.notifications import events
from apicenter.notifications.events import EVENTS
from apicenter.notifications.models import Incident, Notification
from dashboard.log.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.needs.cause_groups import HEADLINES
from dashboard.needs.fixes import NAMES, NAMING, FixLink, cause_parts, fix_link
from dashboard.templatetags.pages import moment
from flows.models import Flow


@dataclass(frozen=True, slots=True)
class Headline:
    """A notification in a list: what happened, and the page that goes on from there."""

    title: str
    text: str
    path: str
    button: str
    icon: str
    kind: str


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts notifications into words; holds the flows they are about, so that a list asks for them once."""

    flows: Mapping[UUID, Flow]
    masks: bool = True

    @classmethod
    def for_all(cls, *, masks: bool = True) -> Teller:
        """Return one for the organization in context."""
        flows = Flow.objects.select_related("source", "target")
        return cls({flow.pk: flow for flow in flows}, masks)

    def headline(self, notification: Notification) -> Headline:
        """Say what happened."""
        event = EVENTS.get(notification.event) or EVENTS[events.TEST]
        incident, path = notification.incident, notification.link
        base = Headline("", "", path or reverse("dashboard:overview"), _("Open"), event.icon, event.kind)
        if incident is not None:
            return _WRITERS[notification.event](self, notification, incident, base)
        params = _Lenient(notification.params)
        title = str(event.title or event.name) % params
        if notification.event == events.WEBHOOK_OFF:
            path = reverse("dashboard:notifications:webhooks")
            base = replace(base, path=path, button=_("Look at the webhooks"))
        return replace(base, title=title, text=str(event.text) % params if event.text else "")

    def flow_of(self, notification: Notification) -> Flow | None:
        return self.flows.get(notification.flow_id) if notification.flow_id else None

    def cause(self, incident: Incident) -> str:
        """Return the sentence of a cause, with names cut if they are to be."""
        first, rest = self.cause_parts(incident)
        return f"{first}. {rest}" if rest else f"{first}."

    def cause_parts(self, incident: Incident) -> tuple[str, str]:
        """Return what is wrong, without a full stop, and what that means and asks for."""
        if incident.code in HEADLINES and incident.count > 1:
            first, _stop, rest = str(HEADLINES[incident.code]).partition(". ")
            return first.removesuffix("."), rest
        flow = self.flows.get(incident.flow_id) if incident.flow_id else None
        first, rest = cause_parts(flow, incident.code, self._masked(incident))
        return (mask_emails(first), mask_emails(rest)) if self.masks else (first, rest)

    def _masked(self, incident: Incident) -> dict[str, Any]:
        is_personal = incident.params.get("kind") not in IMPERSONAL and incident.code in NAMING
        if not (self.masks and is_personal):
            return incident.params
        return {
            name: mask_name(value) if name in NAMES and isinstance(value, str) else value
            for name, value in incident.params.items()
        }

    def fix(self, incident: Incident) -> FixLink:
        """Return what a person does about it; without a flow any more there is nothing to do."""
        flow = self.flows.get(incident.flow_id) if incident.flow_id else None
        return fix_link(flow, incident.code) if flow else FixLink("")

    def _flow_name(self, notification: Notification) -> str:
        flow = self.flow_of(notification)
        return flow.title if flow else "–"


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _held(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    count = int(notification.params.get("count", 1))
    text = _("%(flow)s: %(records)s") % {
        "flow": teller._flow_name(notification),
        "records": need_you(incident.params.get("kind", ""), count),
    }
    path = cause_path(incident)
    return replace(base, title=teller.cause_parts(incident)[0], text=text, path=path, button=_("Put it right"))


def _reminded(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    since = moment(datetime.fromisoformat(notification.params["since"]))
    told = _held(teller, notification, incident, base)
    return replace(told, text=_("%(text)s, since %(time)s") % {"text": told.text, "time": since})


def _solved(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    params = notification.params
    title = ngettext(
        "Solved: %(count)s record is no longer held back",
        "Solved: %(count)s records are no longer held back",
        params.get("count", 1),
    ) % {"count": params.get("count", 1)}
    parts = [_("It was: %(cause)s.") % {"cause": teller.cause_parts(incident)[0]}, outcome_words(params)]
    path = reverse("dashboard:flow", args=[incident.flow_id]) if teller.flow_of(notification) else base.path
    return replace(base, title=title, text=" ".join(filter(None, parts)), path=path, button=_("Look at the flow"))


def outcome_words(params: Mapping[str, Any]) -> str:
    """Say what became of records that were held back."""
    sent, aside = params.get("sent", 0), params.get("set_aside", 0)
    said = []
    if sent:
        said.append(ngettext("%(count)s was sent.", "%(count)s were sent.", sent) % {"count": sent})
    if aside:
        said.append(ngettext("%(count)s was set aside.", "%(count)s were set aside.", aside) % {"count": aside})
    return " ".join(said)


def _connection_lost(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The connection “%(name)s” stopped") % {"name": incident.params.get("connection", "?")}
    path = reverse("dashboard:setup:connection", args=[incident.subject_id])
    return replace(base, title=title, text=teller.cause(incident), path=path, button=_("Reconnect"))


def _connection_works(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The connection “%(name)s” works again") % {"name": incident.params.get("connection", "?")}
    text = _("What waited for it goes on by itself. Nothing was lost.")
    return replace(
        base, title=title, text=text, path=reverse("dashboard:connections"), button=_("Look at the connection")
    )


def _flow_paused(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The flow “%(name)s” paused by itself") % {"name": teller._flow_name(notification)}
    hint = _("Nothing is lost: what waits goes on when it is resumed.")
    return _about_flow(teller, notification, replace(base, title=title, text=f"{teller.cause(incident)} {hint}"))


def _run_stuck(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The flow “%(name)s” does not get on") % {"name": teller._flow_name(notification)}
    return _about_flow(teller, notification, replace(base, title=title, text=teller.cause(incident)))


def _flow_quiet(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The flow “%(name)s” is unusually quiet") % {"name": teller._flow_name(notification)}
    text = _(
        "Nothing came in during the last 24 hours. On this day of the week it is usually about %(usual)s records. "
        "Perhaps a filter or a right in the source has changed."
    ) % {"usual": incident.params.get("usual", "?")}
    return _about_flow(teller, notification, replace(base, title=title, text=text))


def _token_ends(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    values = {"name": incident.params.get("name", "?"), "day": incident.params.get("day", "?")}
    title = _("The API token “%(name)s” ends on %(day)s") % values
    text = _("Programs that use it stop working then. Make a new token and put it in its place.")
    return replace(base, title=title, text=text, path=reverse("dashboard:api_access"), button=_("Look at the tokens"))


def _run_goes_on(teller: Teller, notification: Notification, incident: Incident, base: Headline) -> Headline:
    title = _("The flow “%(name)s” gets on again") % {"name": teller._flow_name(notification)}
    return _about_flow(teller, notification, replace(base, title=title, text=_("What waited goes on by itself.")))


def _about_flow(teller: Teller, notification: Notification, headline: Headline) -> Headline:
    if teller.flow_of(notification) is None:
        return headline
    path = reverse("dashboard:flow", args=[notification.flow_id])
    return replace(headline, path=path, button=_("Look at the flow"))


def cause_path(incident: Incident) -> str:
    """Return where a cause is solved: its card under "Needs you"."""
    return f"{reverse('dashboard:needs_you')}#cause-{incident.key.removeprefix('cause:')}"


def need_you(kind: str, count: int) -> str:
    """Say "4 orders need you", with the word for this kind of record."""
    values = {"count": count}
    if kind == "orders":
        return ngettext("%(count)s order needs you", "%(count)s orders need you", count) % values
    if kind == "products":
        return ngettext("%(count)s product needs you", "%(count)s products need you", count) % values
    if kind == "invoices":
        return ngettext("%(count)s invoice needs you", "%(count)s invoices need you", count) % values
    if kind == "credit_notes":
        return ngettext("%(count)s credit note needs you", "%(count)s credit notes need you", count) % values
    if kind == "payments":
        return ngettext("%(count)s payment needs you", "%(count)s payments need you", count) % values
    if kind == "customers":
        return ngettext("%(count)s customer needs you", "%(count)s customers need you", count) % values
    return ngettext("%(count)s record needs you", "%(count)s records need you", count) % values


Writer = Callable[[Teller, Notification, Incident, Headline], Headline]
_WRITERS: dict[str, Writer] = {
    events.RECORDS_HELD: _held,
    events.RECORDS_REMINDER: _reminded,
    events.RECORDS_SOLVED: _solved,
    events.CONNECTION_LOST: _connection_lost,
    events.CONNECTION_WORKS: _connection_works,
    events.FLOW_PAUSED: _flow_paused,
    events.RUN_STUCK: _run_stuck,
    events.FLOW_QUIET: _flow_quiet,
    events.TOKEN_ENDS: _token_ends,
    events.RUN_GOES_ON: _run_goes_on,
}
