"""Asking somebody without an account: one link, one question, their name beside the answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import AuditEntry, Membership, Organization
from dashboard.setup import inquiries
from dashboard.setup.models import Inquiry
from flows.models import ValueRow, ValueTable
from tests.dashboard.people import signed_in
from tests.dashboard.setup_site import QUESTIONS
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("flows_chosen")]
MARIE = {"name": "Marie Peeters", "email": "marie@books.example", "language": "nl", "note": "Welke klasse?"}


def class_table(organization: Organization) -> ValueTable:
    with inside(organization):
        return ValueTable.objects.get(flow__kind="orders", name="customer_class")


def ask(client: Client, table: ValueTable, **values: str) -> str:
    """Send the question and return the path of its link."""
    client.post(f"/setup/tables/{table.pk}/ask/", MARIE | values)
    found = re.search(r"/setup/answer/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(0)


def rows_of(table: ValueTable, organization: Organization) -> dict[str, ValueRow]:
    with inside(organization):
        return {row.key: row for row in ValueRow.objects.filter(table=table)}


def test_the_letter_is_in_their_language_and_holds_the_link(client: Client, organization: Organization):
    ask(client, class_table(organization))

    letter = mail.outbox[-1]
    assert letter.to == ["marie@books.example"]
    assert "Welke klasse?" in str(letter.body)
    with inside(organization):
        assert Inquiry.objects.get().language == "nl"
        assert Inquiry.objects.get().token_hash not in str(letter.body)


def test_they_answer_without_an_account_and_it_stands_with_their_name(client: Client, organization: Organization):
    table = class_table(organization)
    path, anybody = ask(client, table), Client()
    row = rows_of(table, organization)["company"]

    page = anybody.post(path, {f"row-{row.pk}": "BE"})

    assert page.status_code == 200
    assert rows_of(table, organization)["company"].value == "BE"
    assert "Marie Peeters" in client.get(QUESTIONS).content.decode()
    with inside(organization):
        entry = AuditEntry.objects.get(action__in=["table.row_added", "table.row_changed"])
        assert (entry.user, entry.who) == (None, "Marie Peeters <marie@books.example>")
        assert AuditEntry.objects.filter(action="question.answered").count() == 1


def test_the_page_shows_the_question_and_nothing_else(client: Client, organization: Organization):
    table = class_table(organization)
    row = rows_of(table, organization)["company"]

    page = Client().get(ask(client, table, what=f"row-{row.pk}"))
    text = page.content.decode()

    assert [one.keys for one in page.context["table"].rows] == [("company",)]
    assert 'href="/' not in text.replace('href="/static', "").split("<body>")[1]
    assert "demo company" not in text
    assert "no-cache" in page["Cache-Control"]


def test_a_row_that_was_not_asked_for_is_not_stored(client: Client, organization: Organization):
    table = class_table(organization)
    rows = rows_of(table, organization)
    path = ask(client, table, what=f"row-{rows['company'].pk}")

    Client().post(path, {f"row-{rows['person'].pk}": "PRIVATE", f"row-{rows['company'].pk}": "no such class"})

    assert {row.value for row in rows_of(table, organization).values()} == {""}


def test_nobody_outside_takes_an_answer_away(client: Client, organization: Organization):
    table = class_table(organization)
    row = rows_of(table, organization)["company"]
    path = ask(client, table)
    client.post(f"/setup/tables/{table.pk}/", {f"row-{row.pk}": "BE"})

    Client().post(path, {f"row-{row.pk}": ""})

    assert rows_of(table, organization)["company"].value == "BE"


def test_a_withdrawn_or_expired_link_opens_nothing(client: Client, organization: Organization):
    table = class_table(organization)
    withdrawn, expired = ask(client, table), ask(client, table)
    with inside(organization):
        newest, oldest = Inquiry.objects.order_by("-created_at")
        Inquiry.objects.filter(pk=newest.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    client.post(f"/setup/questions/{oldest.pk}/revoke/")

    answers = [Client().get(path) for path in (withdrawn, expired, "/setup/answer/guessed/")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert all(b"Lichtlys" not in answer.content and b"Verhaegen" not in answer.content for answer in answers)


def test_a_company_sends_so_many_letters_a_day(
    client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inquiries, "MOST_A_DAY", 1)
    table = class_table(organization)
    ask(client, table)

    client.post(f"/setup/tables/{table.pk}/ask/", MARIE, follow=True)

    assert len(mail.outbox) == 1
    with inside(organization):
        assert Inquiry.objects.count() == 1


def test_a_link_is_looked_at_so_often_and_no_more(client: Client, organization: Organization):
    path = ask(client, class_table(organization))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.setup.views_inquiry.MOST_VIEWS", 1)
        codes = [Client().get(path).status_code for _look in range(2)]

    assert codes == [200, 429]


def test_viewers_and_strangers_ask_nobody(client: Client, organization: Organization):
    table = class_table(organization)
    ask(client, table)
    with inside(organization):
        inquiry = Inquiry.objects.get()
    viewer, stranger = make_user("viewer@example.com"), make_user("stranger@example.com")
    add_member(organization, viewer, role=Membership.Role.VIEWER)
    make_organization("Elsewhere", owner=stranger)
    paths = [f"/setup/tables/{table.pk}/ask/", f"/setup/questions/{inquiry.pk}/revoke/"]

    assert {signed_in(viewer).post(path, MARIE).status_code for path in paths} == {403}
    assert {signed_in(stranger).post(path, MARIE).status_code for path in paths} == {404}
    assert signed_in(viewer).get(paths[0]).status_code == 200


def test_a_mail_server_that_is_down_is_told_and_stores_nothing(
    client: Client, organization: Organization, settings: object
):
    table = class_table(organization)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]

    page = client.post(f"/setup/tables/{table.pk}/ask/", MARIE)

    assert "could not be sent" in page.content.decode()
    with inside(organization):
        assert not Inquiry.objects.exists()
