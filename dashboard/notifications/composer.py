"""The letters and briefs: what to do first, then which records, then the exact problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.notifications import events
from apicenter.notifications.care import Action, Link, sign
from apicenter.notifications.letters import Brief, Letter
from apicenter.notifications.models import Delivery, Incident, Notification
from apicenter.notifications.readers import Reader
from apicenter.organizations.models import Organization
from dashboard.log.masking import list_key, list_label, mask_emails
from dashboard.needs.fixes import FixLink
from dashboard.notifications.words import Headline, Teller, cause_path, need_you
from dashboard.record.panes import open_sealed
from dashboard.templatetags.pages import moment
from flows.models import RunRecord

SHOWN = 6
SUBJECT_LENGTH = 120
EXACT_LENGTH = 300
CALM = ("ok", "brand", "run")
SUMS = ("created", "updated", "unchanged", "skipped", "waiting", "needs_you")
ABOUT_RECORDS = (events.RECORDS_HELD, events.RECORDS_REMINDER)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a letter: what it is called, more about it, and where it leads."""

    text: str
    url: str = ""
    note: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of lines."""

    title: str
    rows: list[Row] = field(default_factory=list)
    more: str = ""


class PageComposer:
    """Writes messages with the words and addresses of the pages."""

    def letter(self, deliveries: Sequence[Delivery], reader: Reader) -> Letter:
        """Write one message, or several as one."""
        first = deliveries[0]
        teller = Teller.for_all(masks=first.notification.organization.masks_mail)
        if len(deliveries) > 1:
            return _letter("bundle", _bundle(deliveries, teller, reader), first, reader)
        if first.notification.event == events.DIGEST:
            return _letter("bundle", _summary(first.notification, teller, reader), first, reader)
        return _letter("message", _message(first.notification, teller, reader), first, reader)

    def brief(self, delivery: Delivery) -> Brief:
        """Write one for a system."""
        notification = delivery.notification
        teller = Teller.for_all(masks=notification.organization.masks_mail)
        said, flow = teller.headline(notification), teller.flow_of(notification)
        return Brief(
            title=said.title,
            text=said.text,
            url=address(said.path, notification.organization),
            button=said.button,
            flow_id=str(flow.pk) if flow else "",
            flow_name=flow.title if flow else "",
            count=int(notification.params.get("count", 0)),
        )


def test_brief(organization: Organization) -> Brief:
    """Return what a test of a webhook says."""
    event = events.event_of(events.TEST)
    text = str(event.text) % {"organization": organization.name}
    return Brief(str(event.title), text, address(reverse("dashboard:overview"), organization), _("Open"))


def address(path: str, organization: Organization) -> str:
    """Return the full address of a page; it opens in this organization, whichever the reader looked at last."""
    opener = reverse("dashboard:notifications:open", args=[organization.pk])
    return f"{settings.SITE_URL}{opener}?{urlencode({'to': path})}"


def link_address(action: Action, reader: Reader, subject: str = "") -> str:
    """Return the address that does one thing for one person, signed."""
    token = sign(Link(action, reader.organization.pk, reader.user.pk, subject))
    return settings.SITE_URL + reverse("dashboard:notifications:link", args=[token])


def _letter(template: str, context: dict[str, Any], delivery: Delivery, reader: Reader) -> Letter:
    event = delivery.notification.event
    stop = link_address(Action.STOP, reader, events.choice_of(event))
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return Letter(
        template,
        {
            "organization": reader.organization,
            "name": reader.user.name,
            "change_url": address(reverse("dashboard:notifications:mine"), reader.organization),
            "stop_url": stop if template == "message" or event == events.DIGEST else "",
            "quiet_url": link_address(Action.QUIET, reader),
            **context,
        },
        {
            "Message-ID": f"<{delivery.pk}@{domain}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _message(notification: Notification, teller: Teller, reader: Reader) -> dict[str, Any]:
    said = teller.headline(notification)
    values: dict[str, Any] = {
        "subject": Truncator(said.title).chars(SUBJECT_LENGTH),
        "heading": said.title,
        "pill": str(events.event_of(notification.event).name),
        "is_calm": said.kind in CALM,
        "preview": said.text,
        "lead": said.text,
        "button": said.button,
        "url": address(said.path, reader.organization),
    }
    incident = notification.incident
    if incident is not None and notification.event in ABOUT_RECORDS:
        values |= _about_records(notification, incident, said, teller, reader)
    return values


def _about_records(
    notification: Notification, incident: Incident, said: Headline, teller: Teller, reader: Reader
) -> dict[str, Any]:
    held = RunRecord.objects.filter(pk__in=incident.records, state=RunRecord.State.NEEDS_YOU)
    records = list(held.select_related("organization", "flow").order_by("-created_at"))
    count, kind = max(incident.count, len(records)), incident.params.get("kind", "")
    need, fix = need_you(kind, count), teller.fix(incident)
    since = moment(datetime.fromisoformat(notification.params["since"]))
    sent_none = not any(record.attempts for record in records)
    return {
        "subject": Truncator(f"{need}: {said.title}").chars(SUBJECT_LENGTH),
        "pill": _("%(records)s, since %(time)s") % {"records": need, "time": since},
        "lead": _lead(teller, notification, sent_none=sent_none),
        "preview": fix.text,
        "todo": _todo(teller.cause_parts(incident)[1], fix),
        "sections": [_records_section(records, reader, count=count, masks=teller.masks)],
        "take_url": link_address(Action.TAKE, reader, str(incident.pk)) if incident.taken_by_id is None else "",
        "taken_by": str(incident.taken_by) if incident.taken_by else "",
        "exact": _exact(records, masks=teller.masks),
        "is_reminder": notification.event == events.RECORDS_REMINDER,
        "told_at": moment(incident.told_at),
    }


def _todo(rest: str, fix: FixLink) -> str:
    """What the cause itself asks for, or the place that solves it, and what happens then."""
    return " ".join(filter(None, [rest or f"{fix.text}.", fix.hint]))


def _lead(teller: Teller, notification: Notification, *, sent_none: bool) -> str:
    flow = teller.flow_of(notification)
    source, target = (flow.source.name, flow.target.name) if flow else ("–", "–")
    values = {"flow": flow.title if flow else "–", "source": source, "target": target}
    if sent_none:
        return _("From %(source)s, flow %(flow)s. Nothing was sent to %(target)s.") % values
    return _("From %(source)s, flow %(flow)s. %(target)s refused it, so nothing was booked.") % values


def _records_section(records: Sequence[RunRecord], reader: Reader, *, count: int, masks: bool) -> Section:
    rows = [
        Row(
            text=list_key(record) if masks else record.natural_key or record.source_key,
            url=address(reverse("dashboard:record", args=[record.pk]), reader.organization),
            note=list_label(record) if masks else record.label,
            since=_("since %(time)s") % {"time": moment(record.created_at)},
        )
        for record in records[:SHOWN]
    ]
    hidden = count - len(rows)
    more = ngettext("and %(count)s more", "and %(count)s more", hidden) % {"count": hidden} if hidden > 0 else ""
    return Section(_("What is held back"), rows, more)


def _exact(records: Sequence[RunRecord], *, masks: bool) -> str:
    """The other system's own words about the last of them that was tried, if there were any."""
    record = next((record for record in records if record.attempts and record.exchange), None)
    if record is None:
        return ""
    exchange, _opens = open_sealed(record.read_exchange)
    answer = exchange.get("answer") if isinstance(exchange, dict) else None
    text = answer if isinstance(answer, str) else record.params.get("answer", "")
    return Truncator(mask_emails(str(text)) if masks else str(text)).chars(EXACT_LENGTH)


def _bundle(deliveries: Sequence[Delivery], teller: Teller, reader: Reader) -> dict[str, Any]:
    count = len(deliveries)
    heading = ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}
    rows = [_line(delivery.notification, teller, reader) for delivery in deliveries]
    return {
        "subject": _("%(heading)s from %(name)s") % {"heading": heading, "name": reader.organization.name},
        "heading": heading,
        "lead": _("They waited until your quiet hours were over, or came at the same time."),
        "pill": _("In one letter"),
        "is_calm": all(events.event_of(one.notification.event).kind in CALM for one in deliveries),
        "sections": [Section(_("What happened"), rows)],
        "button": _("See all messages"),
        "url": address(reverse("dashboard:notifications:inbox"), reader.organization),
    }


def _line(notification: Notification, teller: Teller, reader: Reader) -> Row:
    said = teller.headline(notification)
    return Row(said.title, address(said.path, reader.organization), said.text, moment(notification.created_at))


def _summary(notification: Notification, teller: Teller, reader: Reader) -> dict[str, Any]:
    params = notification.params
    still_open = list(Incident.objects.filter(pk__in=params["open"], closed_at=None).order_by("opened_at"))
    solved = Incident.objects.filter(pk__in=params["solved"]).order_by("closed_at")
    gathered = Notification.objects.filter(pk__in=params["gathered"]).select_related("incident").order_by("created_at")
    sections = [
        Section(_("Needs you"), [_open_line(one, teller, reader) for one in still_open]),
        Section(_("Solved"), [Row(teller.cause_parts(one)[0], since=moment(one.closed_at)) for one in solved]),
        Section(_("What happened"), [_line(one, teller, reader) for one in gathered]),
    ]
    waiting = sum(one.count for one in still_open)
    heading = need_you("", waiting) if waiting else _("Nothing needs you")
    return {
        "subject": _("%(name)s, daily summary: %(heading)s") % {"name": reader.organization.name, "heading": heading},
        "heading": heading,
        "pill": _("Daily summary"),
        "is_calm": not waiting,
        "lead": numbers_words(params.get("numbers", {})),
        "sections": [section for section in sections if section.rows],
        "button": _("See what needs you") if waiting else _("Open the overview"),
        "url": address(
            reverse("dashboard:needs_you") if waiting else reverse("dashboard:overview"), reader.organization
        ),
    }


def _open_line(incident: Incident, teller: Teller, reader: Reader) -> Row:
    is_cause = incident.kind == Incident.Kind.RECORDS
    path = cause_path(incident) if is_cause else reverse("dashboard:overview")
    note = need_you(incident.params.get("kind", ""), incident.count) if is_cause else ""
    if incident.taken_by:
        note = ", ".join(filter(None, [note, _("%(name)s takes care of it") % {"name": incident.taken_by}]))
    since = _("since %(time)s") % {"time": moment(incident.opened_at)}
    return Row(teller.cause_parts(incident)[0], address(path, reader.organization), note, since)


def numbers_words(numbers: dict[str, int]) -> str:
    """Say what came in within a day, and what became of it; the sum is right."""
    if not numbers.get("read"):
        return _("Nothing came in since yesterday.")
    return _(
        "Since yesterday %(read)s came in: %(created)s created, %(updated)s updated, %(unchanged)s unchanged, "
        "%(skipped)s left out, %(waiting)s waiting, %(needs_you)s held back."
    ) % {name: numbers.get(name, 0) for name in ("read", *SUMS)}
