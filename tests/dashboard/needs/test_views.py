"""What is done about a cause: fixed on its card, handed over, noted, sent, set aside; and who may."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Membership, User
from connectors.base import Option
from dashboard.needs.urls import urlpatterns
from flows.documents.confirming import DIFFERS
from flows.models import CauseNote, CauseTask, KeptApart, RunRecord, ValueRow
from flows.tables.option_lists import OptionList
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_held_record, make_organization, make_user

pytestmark = pytest.mark.django_db
State = RunRecord.State
CHOICES = [{"id": "10118", "label": "10118 Le Petit Jour"}, {"id": "10431", "label": "10431 Petit Jour"}]


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


@pytest.fixture
def joris(company: Company) -> User:
    joris = make_user("joris@example.com", name="Joris De Wilde")
    add_member(company.organization, joris)
    return joris


def card_of(client: Client, code: str, query: str = "") -> Any:
    cards = client.get(f"/needs-you/{query}").context["page"].cards
    return next(card for card in cards if card.group.code == code)


def act(client: Client, code: str, what: str, data: dict[str, Any] | None = None) -> str:
    key = card_of(client, code).group.key
    return client.post(f"/needs-you/{key}/{what}/", data or {}, follow=True).content.decode()


def task_of(company: Company, code: str) -> CauseTask:
    with inside(company.organization):
        return CauseTask.objects.select_related("assignee").get(code=code)


def hold_two_that_fit(company: Company) -> RunRecord:
    params = {"system": "Visma.net", "key": "Petit Jour", "candidates": "two", "choices": CHOICES}
    with inside(company.organization):
        run = company.held.run
        return make_held_record(run, "Petit Jour", kind="customers", code="match.ambiguous", params=params, source={})


def reading(held: RunRecord) -> dict[str, str]:
    return {
        "solved": "/needs-you/solved/",
        "aside": "/needs-you/aside/",
        "compare": f"/needs-you/record/{held.pk}/compare/",
    }


def changing(key: str, held: RunRecord) -> dict[str, str]:
    names = ("pair", "item", "setting", "retired", "records", "assign", "note")
    return {
        "send_after_all": "/needs-you/aside/send-again/",
        "rule": f"/needs-you/record/{held.pk}/answer/",
        "create_new": f"/needs-you/record/{held.pk}/new/",
        **{name: f"/needs-you/{key}/{name}/" for name in names},
    }


def test_every_address_is_in_these_tests(company: Company):
    assert {pattern.name for pattern in urlpatterns} == {*reading(company.held), *changing("x", company.held)}


def test_a_stranger_gets_a_404_for_every_cause(company: Company, client: Client):
    held = hold_two_that_fit(company)
    key = card_of(client, "vat.no_pair").group.key
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    other = signed_in(stranger)

    assert other.get(reading(held)["compare"]).status_code == 404
    posts = {name: path for name, path in changing(key, held).items() if name != "send_after_all"}
    assert {other.post(path).status_code for path in posts.values()} == {404}


def test_a_viewer_sees_everything_and_changes_nothing(company: Company, client: Client):
    held = hold_two_that_fit(company)
    key = card_of(client, "vat.no_pair").group.key
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    other = signed_in(viewer)

    assert {other.get(path).status_code for path in reading(held).values()} == {200}
    assert {other.post(path).status_code for path in changing(key, held).values()} == {403}
    page = other.get("/needs-you/").content.decode()
    assert "I look after it" not in page
    assert "<button" not in page.split('id="main"')[1].split("<article")[1]


def test_what_changes_something_cannot_be_reached_by_a_link(company: Company, client: Client):
    paths = changing("0123456789abcdef", company.held).values()

    assert {client.get(path).status_code for path in paths} == {405}


def test_a_card_says_what_happened_and_what_waits(company: Company, client: Client):
    with inside(company.organization):
        RunRecord.objects.filter(code="vat.no_pair").update(amount=Decimal("304.25"), currency="EUR")

    page = client.get("/needs-you/").content.decode()

    assert "Nothing was sent and nothing was booked." in page
    assert "€1,217.00 waits" in page
    assert "Visma.net ERP did not accept it, so nothing was booked." in page
    assert "HTTP 400 Tax Category cannot be found." in page


def test_the_list_is_read_once_the_card_is_there_and_our_suggestion_is_chosen(company: Company, client: Client):
    assert card_of(client, "vat.no_pair").is_pending
    assert 'hx-get="/needs-you/?lists=1&amp;page=1"' in client.get("/needs-you/").content.decode()
    options = (
        Option("FR055", "FR055 · TVA 5,5 %", rate=Decimal("0.055")),
        Option("BE21", "BE21", rate=Decimal("0.21")),
    )
    for connection, name in ((company.orders.target, "vat_categories"), (company.orders.source, "tax_rates")):
        rows = options if name == "vat_categories" else (Option("c6b8", "FR 5.5 %", rate=Decimal("0.055")),)
        cache.set(f"options:{connection.pk}:{name}:en", OptionList(rows, read_at=timezone.now()))

    page = client.get("/needs-you/?lists=1").content.decode()

    assert '<option value="FR055" selected>' in page
    assert "The only rate of 5.5 %." in page
    assert "Save and send 4 records" in page


def test_a_counterpart_from_the_list_is_stored_with_its_name(company: Company, client: Client):
    options = (Option("FR055", "FR055 · TVA 5,5 %"),)
    cache.set(f"options:{company.orders.target.pk}:vat_categories:en", OptionList(options, read_at=timezone.now()))

    refused = act(client, "vat.no_pair", "pair", {"value": "NOPE"})
    page = act(client, "vat.no_pair", "pair", {"value": "FR055"})

    assert "“NOPE” does not exist there." in refused
    assert "4 records are sent again." in page
    with inside(company.organization):
        row = ValueRow.objects.get(key="c6b8")
    assert (row.value, row.value_label, row.key_label) == ("FR055", "FR055 · TVA 5,5 %", "FR 5.5 %")
    assert "A counterpart was chosen" in client.get("/needs-you/solved/").content.decode()


def test_only_the_ticked_records_are_sent(company: Company, client: Client):
    act(client, "vat.no_pair", "records", {"record": [str(company.held.pk)]})

    with inside(company.organization):
        waiting = RunRecord.objects.filter(state=State.WAITING, code="")
        assert [record.pk for record in waiting] == [company.held.pk]


def test_nothing_ticked_means_the_whole_cause(company: Company, client: Client):
    assert "4 records are sent again." in act(client, "vat.no_pair", "records")


def test_a_cause_is_set_aside_with_its_reason_and_can_be_sent_after_all(company: Company, client: Client):
    act(client, "vat.no_pair", "records", {"aside": "1", "why": "Paid in cash."})

    page = client.get("/needs-you/aside/").content.decode()
    assert page.count("Set aside by Sofie Claes: Paid in cash.") == 4
    nothing = client.post("/needs-you/aside/send-again/", {}, follow=True).content.decode()
    assert "Tick the records that are to be sent." in nothing
    client.post("/needs-you/aside/send-again/", {"record": [str(company.held.pk)]})
    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.held.pk).state == State.WAITING


def test_a_cause_is_handed_over_to_somebody_who_may_solve_it(company: Company, client: Client, joris: User):
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)

    page = act(client, "vat.no_pair", "assign", {"person": joris.pk})
    assert "Joris De Wilde looks after it." in page
    key = card_of(client, "vat.no_pair").group.key
    assert client.post(f"/needs-you/{key}/assign/", {"person": viewer.pk}).status_code == 404
    assert task_of(company, "vat.no_pair").assignee == joris

    act(client, "vat.no_pair", "assign", {"person": ""})
    assert task_of(company, "vat.no_pair").assignee is None


def test_causes_are_narrowed_by_whose_they_are_and_by_flow(company: Company, client: Client, joris: User):
    act(client, "vat.no_pair", "assign", {"person": joris.pk})

    def codes(query: str, by: Client = client) -> set[str]:
        return {card.group.code for card in by.get(f"/needs-you/{query}").context["page"].cards}

    assert codes("?who=mine", signed_in(joris)) == {"vat.no_pair"}
    assert codes("?who=nobody") == {"product.missing", "refused.by_target"}
    assert codes(f"?flow={company.products.pk}") == set()
    assert len(codes(f"?flow={company.orders.pk}&who=nonsense")) == 3
    assert len(codes("?flow=nonsense")) == 3
    assert "Nothing is your task" in client.get("/needs-you/?who=mine").content.decode()


def test_one_comes_back_to_what_was_narrowed(company: Company, client: Client):
    key = card_of(client, "vat.no_pair").group.key

    response = client.post(
        f"/needs-you/{key}/note/", {"text": "Asked.", "who": "nobody", "flow": "https://evil.example"}
    )

    assert response["Location"] == f"/needs-you/?who=nobody#cause-{key}"


def test_a_note_is_there_for_the_team_with_who_and_when(company: Company, client: Client, joris: User):
    act(client, "vat.no_pair", "note", {"text": "Asked <the> bookkeeper."})

    page = signed_in(joris).get("/needs-you/").content.decode()
    assert "Asked &lt;the&gt; bookkeeper." in page
    assert "Sofie Claes, today" in page
    assert "Write a note" in act(client, "vat.no_pair", "note", {"text": " "})
    with inside(company.organization):
        assert CauseNote.objects.count() == 1


def test_what_a_system_says_of_an_item_is_said_on_the_page(company: Company, client: Client):
    page = act(client, "product.missing", "item", {"how": "fallback", "fallback": ""})
    assert "Name the item that is used instead." in page

    assert "2 records are sent again." in act(client, "product.missing", "item", {"how": "again"})


def test_a_setting_is_asked_for_only_where_it_solves_the_cause(company: Company, client: Client):
    key = card_of(client, "vat.no_pair").group.key

    assert client.post(f"/needs-you/{key}/setting/", {"value": "x"}).status_code == 404


def test_totals_stand_side_by_side_per_rate(company: Company, client: Client):
    rate = {"percent": "21", "source_taxable": "1000.00", "source_tax": "204.00"}
    params = {
        "source": "1204.00", "source_vat": "204.00", "target": "1211.21", "target_vat": "211.21",
        "by_rate": [{**rate, "target_taxable": "1001.00", "target_tax": "210.21"}],
    }  # fmt: skip
    with inside(company.organization):
        make_held_record(company.held.run, "2026/1", code="totals.differ", params=params, currency="EUR")

    page = client.get("/needs-you/").content.decode()

    assert "€1,001.00" in page
    assert "€210.21" in page


def test_what_was_booked_with_another_total_is_shown_and_can_be_accepted(company: Company, client: Client):
    params = {"source": "121.00", "source_vat": "21.00", "target": "130.08", "target_vat": "22.58", "number": "SO7"}
    with inside(company.organization):
        row = make_held_record(company.held.run, "2026/1", code=DIFFERS, params=params, currency="EUR")

    pages = [client.get(address).content.decode() for address in ("/needs-you/", f"/log/{row.pk}/")]

    for page in pages:
        assert "€130.08" in page
        assert "Accept it as it is there" in page
        assert "Compare" in page


def test_several_that_fit_are_compared_or_named_if_they_cannot_be_read(company: Company, client: Client):
    held = hold_two_that_fit(company)
    empty = OptionList(read_at=timezone.now())
    cache.set(f"options:{company.orders.target.pk}:vat_categories:en", empty)
    assert f'hx-get="/needs-you/record/{held.pk}/compare/"' in client.get("/needs-you/").content.decode()

    page = client.get(f"/needs-you/record/{held.pk}/compare/").content.decode()

    assert "They cannot be read now, so only their names are shown." in page
    assert "It is 10118" in page
    assert client.get(f"/needs-you/record/{company.held.pk}/compare/").status_code == 404


def test_none_of_them_makes_a_new_one(company: Company, client: Client):
    held = hold_two_that_fit(company)

    client.post(f"/needs-you/record/{held.pk}/new/")
    again = client.post(f"/needs-you/record/{held.pk}/new/", follow=True).content.decode()

    assert "no longer needs you" in again
    with inside(company.organization):
        assert KeptApart.objects.get().user == company.owner
        assert RunRecord.objects.get(pk=held.pk).state == State.WAITING


def test_the_other_lists_say_so_when_they_are_empty(company: Company, client: Client):
    assert "Nothing was solved lately" in client.get("/needs-you/solved/").content.decode()
    assert "Nothing is set aside" in client.get("/needs-you/aside/").content.decode()


def test_a_cause_that_is_gone_is_not_found(company: Company, client: Client):
    for what in ("pair", "item", "setting", "records", "assign", "note"):
        assert client.post(f"/needs-you/0123456789abcdef/{what}/").status_code == 404


def test_a_product_that_is_no_longer_sold_is_deleted_only_by_somebody_who_is_sure(company: Company, client: Client):
    with inside(company.organization):
        record = make_held_record(company.run, "LAMP-9", code="product.retired", params={"what": "Inactive"})

    assert "looked at the list first" in act(client, "product.retired", "retired", {"how": "delete"})
    with inside(company.organization):
        record.refresh_from_db()
        assert record.state == State.NEEDS_YOU

    assert "1 product stays as it is." in act(client, "product.retired", "retired", {"how": "keep"})
    with inside(company.organization):
        record.refresh_from_db()
        assert record.state == State.SKIPPED
