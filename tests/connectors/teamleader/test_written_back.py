"""What goes back to Teamleader: fields and phase of a deal, payments of an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from apicenter.errors import OutcomeUnknown, RecordError
from connectors.shared import Owner
from connectors.teamleader.deals import DealTarget
from connectors.teamleader.payments import PaymentTarget
from tests.connectors.teamleader.focus_fake import FakeFocus, make_connector, recorded, reply, uid

DEAL, QUOTATION, INVOICE, FIELD = recorded("deal"), recorded("quotation"), recorded("invoice"), uid(910)
WON, DELIVERED = DEAL["current_phase"]["id"], uid(62)
DEFINITIONS = [{"id": FIELD, "context": "sale", "type": "single_line", "label": "ERP", "group": "", "required": False}]
PAYMENT = {"amount": Decimal("40"), "currency": "EUR", "paid_at": "2026-11-20", "payment_method_id": uid(80)}


def deal_target(focus: FakeFocus, **changes: Any) -> DealTarget:
    deal = {**DEAL, **changes}

    def move(body: dict[str, Any]) -> httpx.Response:
        deal["current_phase"] = {"type": "dealPhase", "id": body["phase_id"]}
        deal["status"] = changes.get("moves_to", deal["status"])
        return reply(None, 204)

    focus.things |= {"customFieldDefinitions": DEFINITIONS, "deals": [deal], "quotations": [QUOTATION]}
    focus.answers |= {"deals.update": lambda body: reply(None, 204), "deals.move": move}
    return DealTarget(make_connector())


def payment_target(focus: FakeFocus) -> PaymentTarget:
    """An invoice that keeps what is registered on it, as the real one does."""
    invoice = {**INVOICE, "payments": []}
    focus.things["invoices"] = [invoice]

    def register(body: dict[str, Any]) -> httpx.Response:
        invoice["payments"] = [*invoice["payments"], {"paid_at": body["paid_at"], "payment": body["payment"]}]
        return reply(None, 204)

    def remove(body: dict[str, Any]) -> httpx.Response:
        invoice["payments"] = []
        return reply(None, 204)

    focus.answers |= {"invoices.registerPayment": register, "invoices.removePayments": remove}
    return PaymentTarget(make_connector())


def test_a_field_of_a_deal_is_written_and_all_others_stay(focus: FakeFocus):
    target = deal_target(focus)

    target.update(DEAL["id"], {"custom_fields": {FIELD: "000012", uid(911): None}})

    assert focus.bodies("deals.update") == [
        {
            "id": DEAL["id"],
            "custom_fields": [{"id": FIELD, "value": "000012"}],
            "custom_fields_update_strategy": "partial",
        }
    ]


def test_a_deal_moves_once_and_only_to_another_phase(focus: FakeFocus):
    target = deal_target(focus)

    first = target.update(DEAL["id"], {"phase_id": DELIVERED})
    again = target.update(DEAL["id"], {"phase_id": DELIVERED})

    assert focus.bodies("deals.move") == [{"id": DEAL["id"], "phase_id": DELIVERED}]
    assert (first.answer, again.answer) == ("done", "kept")


def test_a_lost_deal_stays_where_it_is_and_the_log_says_so(focus: FakeFocus):
    written = deal_target(focus, status="lost").update(DEAL["id"], {"phase_id": DELIVERED})

    assert written.note == "deal.lost_stays"
    assert not focus.bodies("deals.move")


def test_a_deal_that_a_move_opens_again_is_told(focus: FakeFocus):
    with pytest.raises(RecordError, match="counts as open again"):
        deal_target(focus, moves_to="open").update(DEAL["id"], {"phase_id": DELIVERED})


def test_the_deal_of_an_order_is_found_by_its_quotation_with_what_else_it_may_have_sold(focus: FakeFocus):
    other, deal = uid(77), {"type": "quotation", "id": uid(78)}
    target = deal_target(focus, quotations=[{"type": "quotation", "id": QUOTATION["id"]}, deal])

    found = target.owners([QUOTATION["id"], "deal:" + DEAL["id"], "deal:" + uid(5), other])

    owner = Owner(DEAL["id"], (QUOTATION["id"], uid(78), "deal:" + DEAL["id"]))
    assert found == {QUOTATION["id"]: owner, "deal:" + DEAL["id"]: owner}


def test_orders_that_share_a_deal_move_it_once(focus: FakeFocus):
    target = deal_target(focus)

    shared = target.update(f"{DEAL['id']}#SO/2", {"phase_id": DELIVERED})
    first = target.update(DEAL["id"], {"phase_id": DELIVERED})

    assert (shared.id, shared.answer, first.answer) == (f"{DEAL['id']}#SO/2", "done", "kept")
    assert focus.bodies("deals.move") == [{"id": DEAL["id"], "phase_id": DELIVERED}]


def test_a_payment_is_registered_with_its_day_and_method_and_once(focus: FakeFocus):
    target = payment_target(focus)

    first = target.update(INVOICE["id"], {"payments": [PAYMENT]})
    again = target.update(INVOICE["id"], {"payments": [PAYMENT]})

    assert focus.bodies("invoices.registerPayment") == [
        {
            "id": INVOICE["id"],
            "payment": {"amount": 40, "currency": "EUR"},
            "paid_at": "2026-11-20T12:00:00+00:00",
            "payment_method_id": uid(80),
        }
    ]
    assert (first.answer, again.answer) == ("done", "kept")


def test_a_payment_whose_answer_was_lost_is_not_registered_again(focus: FakeFocus):
    target = payment_target(focus)
    register = focus.answers["invoices.registerPayment"]

    def register_and_fall_silent(body: dict[str, Any]) -> httpx.Response:
        register(body)
        raise httpx.ReadTimeout("silence")

    focus.answers["invoices.registerPayment"] = register_and_fall_silent
    with pytest.raises(OutcomeUnknown):
        target.update(INVOICE["id"], {"payments": [PAYMENT]})

    assert target.update(INVOICE["id"], {"payments": [PAYMENT]}).answer == "kept"
    assert len(focus.bodies("invoices.registerPayment")) == 1


def test_a_payment_that_was_taken_back_is_removed_and_the_others_are_put_back(focus: FakeFocus):
    target = payment_target(focus)
    other = {**PAYMENT, "amount": Decimal("30"), "paid_at": "2026-11-21"}
    target.update(INVOICE["id"], {"payments": [PAYMENT, other]})

    target.update(INVOICE["id"], {"payments": [{**PAYMENT, "is_reversed": True}, other]})

    assert target.read(INVOICE["id"]) == {
        "payments": [{"amount": Decimal(30), "currency": "EUR", "paid_at": "2026-11-21"}]
    }
    assert focus.bodies("invoices.removePayments") == [{"id": INVOICE["id"]}]
