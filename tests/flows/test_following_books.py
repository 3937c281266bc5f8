"""Orders that change after they were booked as entries or invoices: shown, undone on a word, never rewritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.models import Thing
from connectors.sandbox.services import set_options
from connectors.sandbox.visma_net.store import save as save_there
from flows.engine import rulings
from flows.flow_settings import change_settings
from flows.models import RunRecord
from tests.flows.live import Company, let_time_pass, work_what_is_due
from tests.flows.test_catalog_mutations import CHOSEN, amounts, batches, lines
from tests.flows.test_following import SHAPE, change_quotation, lose_answers, lose_deal, run_again

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
WARN = {"after_change": "change_update", "after_loss": "loss_cancel"}


def booked(company: Company, **settings: Any) -> Thing:
    """Book the one order there is as an entry."""
    company.keep_deals(SHAPE)
    change_settings(company.flow("orders"), {**CHOSEN, **WARN, **settings})
    company.run("orders")
    (entry,) = batches(company)
    return entry


def invoiced(company: Company) -> Thing:
    company.keep_deals(SHAPE)
    change_settings(company.flow("orders"), {"send_as": "customer_invoice", **WARN})
    company.run("orders")
    (invoice,) = company.things("visma_net", "customerinvoice")
    return invoice


def test_the_reversal_of_an_entry_is_booked_once_somebody_says_so(company: Company):
    entry = booked(company)
    lose_deal(company)

    row = run_again(company)
    asked, before = (row.state, row.code), len(batches(company))
    rulings.rule(row, "cancel")
    work_what_is_due()

    first, reversal = batches(company)
    row.refresh_from_db()
    assert (asked, before) == ((State.NEEDS_YOU, "entry.ended"), 1)
    assert (row.state, row.code, row.params["reversal"]) == (State.UPDATED, "entry.reversed", reversal.key)
    assert reversal.body["status"] == "Hold"
    for account in {line["accountNumber"] for line in entry.body["journalTransactionLines"]}:
        assert amounts(first, account) + amounts(reversal, account) == Decimal(0)


def test_a_reversal_that_was_not_answered_is_looked_for_and_not_booked_twice(company: Company):
    booked(company)
    lose_deal(company)
    row = run_again(company)
    lose_answers(company, True)
    rulings.rule(row, "cancel")
    work_what_is_due()
    lose_answers(company, False)
    let_time_pass()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.UPDATED, "order.ended_there")
    assert len(batches(company)) == 2


def test_a_changed_entry_is_shown_line_by_line_and_stays_as_it_is(company: Company):
    entry = booked(company)
    before = entry.body["journalTransactionLines"]
    change_quotation(company)

    row = run_again(company)
    differences = row.read_exchange()["differences"]
    rulings.rule(row, "leave")
    work_what_is_due()

    row.refresh_from_db()
    entry.refresh_from_db()
    assert "400000" in {one["item"] for one in differences}
    assert (row.state, row.code) == (State.SKIPPED, "skip.left")
    assert entry.body["journalTransactionLines"] == before
    assert len(batches(company)) == 1


def test_the_new_entry_is_the_next_step_after_a_reversal(company: Company):
    entry = booked(company)
    change_quotation(company)
    row = run_again(company)
    rulings.rule(row, "cancel")
    work_what_is_due()

    row.refresh_from_db()
    asked, reversed_by = (row.state, row.code), batches(company)[1]
    rulings.rule(row, "rebook")
    work_what_is_due()

    row.refresh_from_db()
    first, reversal, new = batches(company)
    assert asked == (State.NEEDS_YOU, "entry.undone")
    assert (first.pk, reversal.pk) == (entry.pk, reversed_by.pk)
    assert (row.state, row.code, row.target_id) == (State.CREATED, "entry.corrected", new.key)


def test_reversal_and_new_entry_are_one_click_and_nothing_booked_is_touched(company: Company):
    entry = booked(company)
    body = dict(entry.body)
    change_quotation(company)
    row = run_again(company)

    rulings.rule(row, "rebook")
    work_what_is_due()

    first, reversal, new = batches(company)
    row.refresh_from_db()
    assert first.body == body
    assert (reversal.body["status"], new.body["status"]) == ("Hold", "Hold")
    assert amounts(first, "400000") + amounts(reversal, "400000") == Decimal(0)
    assert amounts(new, "400000") not in (Decimal(0), amounts(first, "400000"))
    assert {line["referenceNumber"] for line in lines(new)}.isdisjoint(
        {line["referenceNumber"] for line in lines(first)}
    )
    assert (row.state, row.code, row.params["entry"]) == (State.CREATED, "entry.corrected", first.key)
    assert company.run("orders").calls_target == 0


def test_a_correction_that_was_not_answered_is_looked_for_and_not_booked_twice(company: Company):
    booked(company)
    change_quotation(company)
    row = run_again(company)
    lose_answers(company, True)
    rulings.rule(row, "rebook")
    work_what_is_due()
    let_time_pass()
    lose_answers(company, False)
    let_time_pass()
    let_time_pass()

    row.refresh_from_db()
    assert len(batches(company)) == 3
    assert (row.state, row.target_id) == (State.CREATED, batches(company)[2].key)


def test_what_was_corrected_is_corrected_again(company: Company):
    booked(company)
    change_quotation(company)
    rulings.rule(run_again(company), "rebook")
    work_what_is_due()
    change_quotation(company)

    row = run_again(company)
    asked = (row.state, row.code)
    rulings.rule(row, "rebook")
    work_what_is_due()

    _first, _undone, second, undone, third = batches(company)
    assert asked == (State.NEEDS_YOU, "entry.changed")
    assert amounts(second, "400000") + amounts(undone, "400000") == Decimal(0)
    row.refresh_from_db()
    assert row.target_id == third.key


def test_a_correction_waits_for_an_open_period(company: Company):
    booked(company, closed_period="block")
    change_quotation(company)
    row = run_again(company)
    set_options(company.account("visma_net"), closed_periods=[batches(company)[0].body["financialPeriod"]])

    rulings.rule(row, "rebook")
    work_what_is_due()

    row.refresh_from_db()
    assert (row.state, row.code) == (State.NEEDS_YOU, "period.closed")
    assert len(batches(company)) == 2


@pytest.mark.parametrize(("status", "code"), [("Hold", "order.deleted_there"), ("Open", "order.lost_late")])
def test_an_invoice_of_a_lost_deal_is_deleted_unless_it_is_released(company: Company, status: str, code: str):
    invoice = invoiced(company)
    invoice.body |= {"status": status, "hold": status == "Hold"}
    save_there(invoice)
    lose_deal(company)

    row = run_again(company)

    assert row.code == code
    assert Thing.objects.filter(pk=invoice.pk).exists() is (status == "Open")


def test_a_changed_invoice_is_shown_and_never_rewritten(company: Company):
    invoice = invoiced(company)
    lines = invoice.body["invoiceLines"]
    change_quotation(company)

    row = run_again(company)

    invoice.refresh_from_db()
    assert (row.state, row.code) == (State.NEEDS_YOU, "order.changed_late")
    assert [one["work"] for one in row.read_exchange()["differences"]] == ["update", "delete"]
    assert invoice.body["invoiceLines"] == lines
