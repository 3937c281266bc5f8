"""What of a deal is an order, by what the flow chose; and what was one and is none any more."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.choice import Known, OrderChoice, SendsWhen, Several
from connectors.teamleader.deal_choice import is_wanted, parts_of

PHASE = "p-1"
BY_PHASE = OrderChoice(SendsWhen.PHASE, frozenset({PHASE}))
BY_QUOTATION = OrderChoice(SendsWhen.ACCEPTED)


def make_deal(status: str = "won", *, quotations: int = 1, phase: str = "p-9", **values: Any) -> dict[str, Any]:
    links = [{"type": "quotation", "id": f"q{n}"} for n in range(1, quotations + 1)]
    deal = {"id": "d", "reference": "2026/7", "status": status, "quotations": links, "current_phase": {"id": phase}}
    return {**deal, **values}


def rows(*statuses: str) -> dict[str, dict[str, Any]]:
    return {
        f"q{n}": {"id": f"q{n}", "status": status, "created_at": f"2026-0{n}-01"}
        for n, status in enumerate(statuses, 1)
    }


def told(deal, quotations, choice=OrderChoice(), **known):
    found = {name.replace("_", "/"): one for name, one in known.items()}
    return [(part.key, part.name, part.code) for part in parts_of(deal, quotations, choice, found)]


@pytest.mark.parametrize(
    ("choice", "status", "phase", "wanted"),
    [
        (OrderChoice(), "won", "p-9", True),
        (OrderChoice(), "open", PHASE, False),
        (OrderChoice(SendsWhen.PAID), "open", PHASE, False),
        (BY_PHASE, "open", PHASE, True),
        (BY_PHASE, "won", "p-9", False),
        (BY_PHASE, "lost", PHASE, False),
        (BY_QUOTATION, "open", "p-9", True),
        (BY_QUOTATION, "lost", "p-9", False),
    ],
)
def test_which_deals_may_hold_an_order(choice, status, phase, wanted):
    assert is_wanted(make_deal(status, phase=phase), choice) is wanted


def test_an_open_deal_counts_by_its_accepted_quotation():
    deal = make_deal("open", quotations=2)

    assert told(deal, rows("accepted", "open"), BY_QUOTATION) == [("q1", "2026/7", "")]
    assert told(deal, rows("open", "open"), BY_QUOTATION) == []


def test_only_the_newest_of_several_is_an_order():
    choice = OrderChoice(several=Several.NEWEST)

    found = told(make_deal(quotations=2), rows("accepted", "accepted"), choice)

    assert found == [("q1", "2026/7", "skip.older_quotation"), ("q2", "2026/7/2", "")]


def test_a_newer_one_asks_when_an_older_was_sent():
    known = {"2026/7": Known("q1", is_sent=True)}
    choice = OrderChoice(several=Several.NEWEST)

    older, newer = parts_of(make_deal(quotations=2), rows("accepted", "accepted"), choice, known)

    assert (older.code, older.rivals) == ("", 0)
    assert (newer.key, newer.rivals) == ("q2", 1)


def test_whoever_wants_to_be_asked_is_asked_about_each():
    choice = OrderChoice(several=Several.ASK)

    found = parts_of(make_deal(quotations=2), rows("accepted", "accepted"), choice, {})

    assert [(part.key, part.rivals) for part in found] == [("q1", 1), ("q2", 1)]


@pytest.mark.parametrize(("status", "code"), [("lost", "skip.lost"), ("open", "skip.reopened")])
def test_what_was_sent_of_a_deal_that_is_not_won_any_more_is_told_by_its_key(status, code):
    sent = Known("q1", is_sent=True)

    assert told(make_deal(status), rows("accepted"), **{"2026_7": sent}) == [("q1", "2026/7", code)]


def test_a_quotation_that_was_sent_and_is_not_accepted_any_more_is_told_and_its_successor_gets_another_name():
    sent = Known("q1", is_sent=True)

    found = told(make_deal(quotations=2), rows("open", "accepted"), **{"2026_7": sent})

    assert found == [("q2", "2026/7/2", ""), ("q1", "2026/7", "skip.withdrawn")]


def test_a_deal_that_only_moved_on_stays_as_it_was_sent():
    sent = Known("q1", is_sent=True)

    assert told(make_deal("open"), rows("accepted"), BY_PHASE, **{"2026_7": sent}) == [("q1", "2026/7", "")]


def test_an_estimate_is_sent_once_whatever_is_quoted_afterwards():
    choice = OrderChoice(takes_estimates=True)
    deal = make_deal(estimated_value={"amount": 100, "currency": "EUR"})
    sent = Known("deal:d", is_sent=True)

    assert told(deal, rows("open"), choice) == [("deal:d", "2026/7", "")]
    again = told(deal, rows("accepted"), choice, **{"2026_7": sent})
    assert again == [("deal:d", "2026/7", ""), ("q1", "2026/7/2", "skip.as_estimate")]
