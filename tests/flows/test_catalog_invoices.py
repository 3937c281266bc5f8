"""Invoices and credit notes between the two sandboxes: booked once each, or left out or held with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox import services
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import invoices as sandbox
from flows.demo.company import ORDER_PAIRS
from flows.engine.work import reference
from flows.flow_settings import change_settings
from flows.models import Binding, Flow, Intent, RunRecord
from flows.needs import remedies
from flows.needs.replays import replay
from flows.setup.creation import create_flow
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
CASH = {"send_as": "cash_sale", "cash_payment_method": "2", "cash_account": "550000"}
BOOKED, PAID, CREDITED = 10, 5, 2  # of the seed: invoices with a number, those paid, credit notes
KINDS = {"invoices": "customerinvoice", "credit_notes": "customercreditnote"}


@pytest.fixture
def company(company: Company) -> Iterator[Company]:
    ends = company.connection("teamleader"), company.connection("visma_net")
    create_flow("invoices", *ends, values={"text_line_item": "SRV-10085"}, pairs=ORDER_PAIRS)
    return company


def configure(company: Company, **settings: Any) -> None:
    change_settings(company.flow("invoices"), settings)


def books(company: Company, kind: str = "customerinvoice") -> list[dict[str, Any]]:
    return [thing.body for thing in company.things("visma_net", kind)]


def sold(thing: Thing) -> str:
    return thing.body["invoice_number"] or ""


def references(company: Company, kind: str) -> Counter[str]:
    flow = company.flow("invoices")
    keys = Binding.objects.filter(kind=kind).values_list("source_key", flat=True)
    return Counter(reference(flow.organization_id, flow.target_id, kind, key) for key in keys)


def test_invoices_and_credit_notes_are_booked_once_on_hold_with_their_totals(company: Company):
    run = company.run("invoices")
    again = company.run("invoices", since=timezone.now() - timedelta(days=900))

    invoices, notes = company.tally(run, "invoices"), company.tally(run, "credit_notes")
    assert (invoices.read, invoices.created, invoices.needs_you) == (BOOKED, BOOKED - 1, 1)
    assert (notes.read, notes.created) == (CREDITED, CREDITED)
    assert [row.params["system"] for row in company.held(run, "product.missing")] == ["Visma.net ERP"]
    for kind, document in KINDS.items():
        found = books(company, document)
        assert Counter(one["customerRefNumber"] for one in found) == references(company, kind)
        assert {one["status"] for one in found} == {"Hold"}
    booked = {one["invoiceText"]: one for one in books(company)}
    for row in RunRecord.objects.filter(run=run, kind="invoices", state=State.CREATED):
        came = row.read_source()["invoice"]
        assert abs(row.amount - Decimal(str(booked[came["invoice_number"]]["amountInCurrency"]))) <= Decimal("0.05")
        assert booked[came["invoice_number"]]["documentDate"][:10] == came["invoice_date"]
        assert booked[came["invoice_number"]]["documentDueDate"][:10] == came["due_on"]
    assert company.tally(again, "invoices").created == company.tally(again, "credit_notes").created == 0
    assert len(books(company)) == BOOKED - 1


def test_released_invoices_are_credited_and_carry_our_number(company: Company):
    configure(company, arrival="released", number_from="document_number")

    company.run("invoices")

    invoices = {one["referenceNumber"]: one for one in books(company)}
    assert all(number.startswith("20") and " " not in number for number in invoices)
    assert {one["status"] for one in invoices.values()} <= {"Open", "Closed"}
    applied = [row for note in books(company, "customercreditnote") for row in note["applications"]]
    assert len(applied) == CREDITED
    for row in applied:
        left = invoices[row["refNbr"]]["amountInCurrency"] - row["amountPaid"]
        assert invoices[row["refNbr"]]["balanceInCurrency"] == pytest.approx(left)


def test_paid_invoices_become_cash_sales_and_the_others_wait_for_their_payment(company: Company):
    configure(company, **CASH)

    run = company.run("invoices")

    found = books(company, "cashsale")
    assert Counter(one["paymentReference"] for one in found) == references(company, "invoices")
    assert (len(found), {one["cashAccount"] for one in found}) == (PAID, {"550000"})
    skipped = Counter(RunRecord.objects.filter(run=run, state=State.SKIPPED).values_list("code", flat=True))
    assert skipped == {"skip.unpaid": BOOKED - PAID}
    assert not books(company)
    assert all(not note["applications"] for note in books(company, "customercreditnote"))


def test_a_credit_note_follows_the_invoice_it_credits(company: Company):
    note = company.things("teamleader", "creditNote")[0]
    odd = next(one for one in company.things("teamleader", "invoice") if sold(one).endswith("/ 10"))
    note.body["invoice"]["id"] = odd.key
    note.save()

    run = company.run("invoices")
    assert [row.kind for row in company.held(run, "dependency.failed")] == ["credit_notes"]
    remedies.use_fallback_item(company.flow("invoices"), "SRV-10085")
    let_time_pass()

    assert not RunRecord.objects.filter(state=State.NEEDS_YOU).exists()
    assert len(books(company, "customercreditnote")) == CREDITED


def test_a_credit_note_of_an_unpaid_invoice_is_sent_once_that_is_paid(company: Company):
    configure(company, only_paid=True)
    note = company.things("teamleader", "creditNote")[0]
    unpaid = next(one for one in company.things("teamleader", "invoice") if one.body["status"] == "outstanding")
    note.body["invoice"]["id"] = unpaid.key
    note.save()
    first = company.run("invoices")
    assert RunRecord.objects.get(run=first, code="skip.invoice_not_sent").kind == "credit_notes"

    unpaid.body |= {"paid": True, "status": "matched"}
    unpaid.modified_at = timezone.now()
    unpaid.body["updated_at"] = unpaid.modified_at.isoformat(timespec="seconds")
    unpaid.save()
    company.run("invoices")
    let_time_pass()

    assert len(books(company, "customercreditnote")) == CREDITED


def test_what_is_dated_before_the_first_day_is_not_booked(company: Company):
    Flow.objects.filter(kind="invoices").update(start_from=timezone.now())
    for thing in company.things("teamleader", "invoice"):
        thing.modified_at = timezone.now() + timedelta(minutes=1)  # somebody registers a payment on an old invoice
        thing.save()

    run = company.run("invoices")

    codes = set(RunRecord.objects.filter(run=run, kind="invoices").values_list("code", flat=True))
    assert codes == {"skip.before_start"}
    assert not books(company)


@pytest.mark.parametrize(
    ("settings", "kind", "document"),
    [
        ({"arrival": "released"}, "invoices", "customerinvoice"),
        (CASH, "invoices", "cashsale"),
        ({}, "credit_notes", "customercreditnote"),
    ],
    ids=["invoice", "cash sale", "credit note"],
)
def test_a_lost_answer_is_found_and_never_sent_twice(
    company: Company, settings: dict[str, Any], kind: str, document: str
):
    configure(company, **settings)
    services.set_faults(company.account("visma_net"), lost_rate=1)
    company.run("invoices", limit=1 if kind == "invoices" else None)
    services.set_faults(company.account("visma_net"), lost_rate=0)

    for _round in range(6):
        let_time_pass()

    assert not Intent.objects.exists()
    found = books(company, document)
    assert found
    assert len({one["paymentReference"] or one["customerRefNumber"] for one in found}) == len(found)
    assert len(found) == Binding.objects.filter(kind=kind).count()
    if settings.get("arrival") == "released":
        assert {one["status"] for one in found} <= {"Open", "Closed"}


def test_a_release_that_is_refused_is_told_and_never_makes_a_second_invoice(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    configure(company, arrival="released", credit_notes=False)
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "UNRELEASED", ())  # the action refuses every one of them
        run = company.run("invoices")
    held = company.held(run, "release.refused")
    assert len(held) == BOOKED - 1
    assert "already released" in held[0].reason

    replay(RunRecord.objects.filter(pk__in=[row.pk for row in held]))
    let_time_pass()

    assert len(books(company)) == BOOKED - 1
    assert {one["status"] for one in books(company)} == {"Open"}


def test_a_credit_note_is_booked_the_other_way_round_as_a_financial_mutation(company: Company):
    accounts = {"receivable_account": "400000", "revenue_account": "700000", "vat_account": "451000"}
    configure(company, send_as="financial_mutation", mutation_type="simple", closed_period="next_open", **accounts)

    run = company.run("invoices")

    assert company.tally(run, "invoices").created == BOOKED
    assert company.tally(run, "credit_notes").created == CREDITED
    sides: Counter[tuple[str, bool]] = Counter()
    for row in Binding.objects.filter(kind__in=KINDS):
        entry = next(one.body for one in company.things("visma_net", "journaltransaction") if one.key == row.target_id)
        debtor = next(line for line in entry["journalTransactionLines"] if line["accountNumber"] == "400000")
        sides[row.kind, bool(debtor["debitAmountInCurrency"])] += 1
    assert sides == {("invoices", True): BOOKED, ("credit_notes", False): CREDITED}


def test_an_order_becomes_a_cash_sale_in_the_currency_of_the_cash_account(company: Company):
    change_settings(company.flow("orders"), CASH)

    run = company.run("orders", limit=30)

    found = books(company, "cashsale")
    assert len(found) == company.tally(run, "orders").created > 10
    assert len({one["paymentReference"] for one in found}) == len(found)
    held = RunRecord.objects.filter(run=run, kind="orders", state=State.NEEDS_YOU, code="cash.other_currency")
    assert all("USD" in row.reason for row in held)
    assert {one["currencyId"] for one in found} == {"EUR"}
