"""Asking somebody without an account: a link by e-mail that opens one question of one company, and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import Actor, acting_as, record_change
from apicenter.mail import send_letter
from apicenter.organizations.invitations import KEPT
from apicenter.organizations.models import User
from apicenter.tenancy import platform_context
from dashboard.setup.models import Inquiry
from dashboard.setup.questions import FlowQuestions, TableQuestion, answer_table, question_of
from dashboard.words import table_title
from flows.models import ValueTable

LIFETIME = timedelta(days=14)
MOST_A_DAY = 20  # letters of one company: enough for a set-up, too few to bother strangers with


class TooMany(Exception):
    """The company has sent enough letters for today."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a question goes to, and in which language."""

    name: str
    email: str
    language: str
    note: str = ""


def send_inquiry(table: ValueTable, to: Recipient, *, rows: list[str], asked_by: User) -> Inquiry:
    """Send a question as a link. Raises TooMany, OSError when the letter cannot be sent; then nothing is stored."""
    if _sent_today() >= MOST_A_DAY:
        raise TooMany
    token = secrets.token_urlsafe(32)
    inquiry = Inquiry.objects.create(
        table=table,
        rows=rows,
        name=to.name,
        email=to.email,
        language=to.language,
        note=to.note,
        asked_by=asked_by,
        token_hash=_hash(token),
        expires_at=timezone.now() + LIFETIME,
    )
    try:
        send_letter("question", to.email, _letter(inquiry, token), language=to.language)
    except OSError:
        inquiry.delete()  # outside of a transaction: a slow mail server must not lock the database
        raise
    record_change("question.sent", subject=_subject(table), after={"to": inquiry.who})
    return inquiry


def _sent_today() -> int:
    return Inquiry.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).count()


def _letter(inquiry: Inquiry, token: str) -> dict[str, object]:
    return {
        "inquiry": inquiry,
        "organization": inquiry.organization,
        "title": table_title(inquiry.table.flow.kind, inquiry.table.name),
        "asker": inquiry.asked_by,
        "url": f"{settings.SITE_URL}{reverse('dashboard:setup:inquiry', args=[token])}",
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _subject(table: ValueTable) -> str:
    return f"{table.flow.title}: {table_title(table.flow.kind, table.name)}"


def find_inquiry(token: str) -> Inquiry | None:
    """Return the inquiry a link stands for while it is open; whoever has the link is known by nothing else."""
    rows = Inquiry.unscoped.select_related("organization", "asked_by", "table__flow__source", "table__flow__target")
    with platform_context():
        found = rows.filter(token_hash=_hash(token)).first()
    return found if found is not None and found.is_open else None


def question_for(inquiry: Inquiry) -> TableQuestion:
    """Return the question as it stands now, with the rows asked for only. Raises RetryableError, FlowError."""
    return question_of(inquiry.table, only=inquiry.rows)


def answer_inquiry(inquiry: Inquiry, answers: Mapping[str, str], *, address: str) -> int:
    """Store what they chose, as their doing. Returns how many values that were. Raises RetryableError, FlowError."""
    given = {name: value for name, value in answers.items() if value}  # nobody outside takes an answer away
    with acting_as(Actor(via=inquiry.who[:100], address=address)):
        answered = answer_table(inquiry.table, given, only=inquiry.rows)
        chosen = {key: row.value for row in answered.question.rows for key in row.keys if row.value}
        if chosen:
            inquiry.answers = {**inquiry.answers, **chosen}
            inquiry.answered_at = timezone.now()
            with transaction.atomic():
                inquiry.save(update_fields=["answers", "answered_at"])
                record_change("question.answered", subject=_subject(inquiry.table), after=chosen)
    return sum(bool(row.value) for row in answered.question.rows)


def revoke(inquiry: Inquiry) -> None:
    """Make the link open nothing any more; what was answered stays."""
    claimed = Inquiry.objects.filter(pk=inquiry.pk, revoked_at=None).update(revoked_at=timezone.now())
    if claimed:
        record_change("question.revoked", subject=_subject(inquiry.table), after={"to": inquiry.who})


def forget_inquiries(**kwargs: object) -> None:
    """Delete the inquiries of the organization in context that have had their time; their answers stay."""
    Inquiry.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()


def answered_by(table: ValueTable) -> dict[str, str]:
    """Return who outside answered which key of a table, as long as their answer stands."""
    stands = dict(table.rows.values_list("key", "value"))
    found: dict[str, str] = {}
    for inquiry in Inquiry.objects.filter(table=table, answered_at__isnull=False).order_by("answered_at"):
        found |= {key: inquiry.name for key, value in inquiry.answers.items() if stands.get(key) == value}
    return found


def with_people(asked: FlowQuestions) -> FlowQuestions:
    """Add to the questions of a flow who outside answered them, and whom they wait for."""
    return replace(asked, tables=[_with_people(question) for question in asked.tables])


def _with_people(question: TableQuestion) -> TableQuestion:
    waiting = [one.name for one in inquiries_of(question.table) if one.state == Inquiry.State.WAITING]
    return replace(question, answered_by=answered_by(question.table), waits_for=waiting)


def inquiries_of(table: ValueTable) -> list[Inquiry]:
    return list(Inquiry.objects.filter(table=table).order_by("-created_at"))


def too_many_words() -> str:
    return _("Your company has sent many letters today. Try again tomorrow.")
