"""What a fresh fake Teamleader account holds."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from connectors.sandbox import services
from connectors.sandbox.models import Thing
from tests.connectors.sandbox.caller import Caller


def test_won_deals_lie_between_sixty_and_one_days_ago(call: Caller):
    ages = [
        timezone.now() - thing.modified_at
        for thing in Thing.objects.filter(account=call.account, kind="deal", body__status="won")
    ]

    assert len(ages) >= 44
    assert timedelta(hours=23) < min(ages)
    assert max(ages) < timedelta(days=60, hours=1)


def test_won_deals_have_no_accepted_one_and_two_accepted_quotations(call: Caller):
    quotations = call.account.things.filter(kind="quotation").values_list("body", flat=True)
    accepted = Counter(body["deal"]["id"] for body in quotations if body["status"] == "accepted")
    won = call.account.things.filter(kind="deal", body__status="won").values_list("key", flat=True)

    assert {accepted[key] for key in won} == {0, 1, 2}


def test_quotations_show_every_peculiarity(call: Caller):
    bodies = list(call.account.things.filter(kind="quotation").values_list("body", flat=True))
    lines = [line for body in bodies for group in body["grouped_lines"] for line in group["line_items"]]

    assert any(line["discount"] for line in lines)
    assert any(line["product"] is None for line in lines)
    assert any(line["quantity"] == 0 for line in lines)
    assert any(line["total"]["tax_exclusive"]["amount"] < 0 for line in lines)
    assert any(line["periodicity"] for line in lines)
    assert any(line["quantity"] != int(line["quantity"]) for line in lines)
    assert any(sum(len(group["line_items"]) for group in body["grouped_lines"]) == 60 for body in bodies)
    assert any(body["currency"] == "USD" and body["currency_exchange_rate"]["rate"] != 1 for body in bodies)
    assert any(len(body["discounts"]) == 2 for body in bodies)
    assert any(len(body["total"]["taxes"]) == 3 for body in bodies)
    assert any(body["created_at"] is None for body in bodies)


def test_totals_follow_from_the_lines(call: Caller):
    for body in call.account.things.filter(kind="quotation").values_list("body", flat=True):
        total, factor = body["total"], Decimal(1)
        for discount in body["discounts"]:
            factor *= 1 - Decimal(str(discount["value"])) / 100
        lines = [line for group in body["grouped_lines"] for line in group["line_items"]]
        summed = sum(Decimal(str(line["total"]["tax_exclusive"]["amount"])) for line in lines)
        exclusive = Decimal(str(total["tax_exclusive"]["amount"]))
        taxes = sum(Decimal(str(tax["tax"]["amount"])) for tax in total["taxes"])

        assert abs(exclusive - summed * factor) <= Decimal("0.02")
        assert Decimal(str(total["tax_inclusive"]["amount"])) == exclusive + taxes


def test_two_seedings_give_the_same_company(call: Caller):
    now = timezone.now()
    services.reset(call.account, now=now)
    first = {(thing.kind, thing.key): thing.body for thing in call.account.things.all()}

    services.reset(call.account, now=now)

    assert {(thing.kind, thing.key): thing.body for thing in call.account.things.all()} == first
