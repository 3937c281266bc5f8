"""What differs between a document as it stands and as it is wanted, and who changed it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.revising import Comparing, LineWork, Standing, StandingLine
from flows.documents.comparing import compare, line_hashes
from flows.engine.fingerprint import hash_value

COMPARING = Comparing("lines", "item", ("item", "quantity", "price", "text"), ("customer.id", "order"), frozenset({"customer.id"}))  # fmt: skip  # noqa: E501


def line(item: str, quantity: Any = 1, price: Any = "10.00", text: str = "Lamp") -> dict[str, Any]:
    return {"item": item, "quantity": Decimal(quantity), "price": Decimal(price), "text": text}


def payload(*lines: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"customer": {"id": "1"}, "order": "PO-1", "lines": list(lines), **head}


def standing(*lines: dict[str, Any], **head: Any) -> Standing:
    """A document as a target tells it: numbers as JSON has them."""
    rows = [{**one, "quantity": float(one["quantity"]), "price": float(one["price"])} for one in lines]
    found = {"customer.id": "1", "order": "PO-1", **head}
    placed = tuple(StandingLine(str(at), row) for at, row in enumerate(rows, 1))
    return Standing("1", "Hold", may_change=True, may_cancel=True, head=found, lines=placed)


def work(found: Any) -> list[tuple[str, str, str]]:
    return [(one.work.value, one.item, one.id) for one in found.revision.lines]


def test_what_is_the_same_needs_nothing():
    sent = payload(line("A", "2.50"), line("B", text="  Two   words "))
    there = standing(line("A", "2.5"), line("B", text="Two words"))

    found = compare(there, sent, COMPARING, line_hashes(sent, COMPARING))

    assert found.revision.is_empty
    assert (found.differences, found.is_touched) == ((), False)


def test_lines_are_changed_added_and_removed_by_what_they_are():
    sent = payload(line("A"), line("B"), line("C"))
    wanted = payload(line("A", 3), line("X"), line("C"))

    found = compare(standing(*sent["lines"]), wanted, COMPARING, line_hashes(sent, COMPARING))

    assert work(found) == [("update", "A", "1"), ("delete", "B", "2"), ("insert", "X", "")]
    assert found.revision.lines[0].values == {"quantity": 3}
    assert not found.is_touched


@pytest.mark.parametrize(
    "there",
    [
        (line("A", 9), line("B")),  # edited
        (line("A"),),  # a line was deleted that is still wanted
        (line("A"), line("B"), line("Z")),  # a line was added
    ],
)
def test_what_somebody_did_there_is_seen(there: tuple[dict[str, Any], ...]):
    sent = payload(line("A"), line("B"))

    assert compare(
        standing(*there), payload(line("A", 2), line("B")), COMPARING, line_hashes(sent, COMPARING)
    ).is_touched


@pytest.mark.parametrize(
    "there",
    [
        (line("A", 2), line("B"), line("C")),  # the update was done, the rest not
        (line("A", 2), line("C"), line("D")),  # all but nothing is left
    ],
)
def test_a_revision_of_ours_that_was_half_done_is_finished(there: tuple[dict[str, Any], ...]):
    sent = payload(line("A"), line("B"), line("C"))
    wanted = payload(line("A", 2), line("C"), line("D"))

    found = compare(standing(*there), wanted, COMPARING, line_hashes(sent, COMPARING))

    assert not found.is_touched
    assert all(one.work is not LineWork.UPDATE for one in found.revision.lines)


def test_nobody_knows_how_it_was_sent():
    assert compare(standing(line("A")), payload(line("A", 2)), COMPARING, {}).is_touched


def test_the_head_changes_where_it_can():
    sent = payload(line("A"))
    hashes = line_hashes(sent, COMPARING)

    order = compare(standing(line("A")), payload(line("A"), order="PO-2"), COMPARING, hashes)
    buyer = compare(standing(line("A")), payload(line("A"), customer={"id": "2"}), COMPARING, hashes)

    assert (order.revision.head, order.is_fixed) == ({"order": "PO-2"}, False)
    assert (buyer.revision.head, buyer.is_fixed) == ({}, True)


PLACED = Comparing("lines", "item", ("item",), ("order", "ship.street", "ship.city"), whole=("ship",))
SENT = {"order": "PO-1", "ship": {"street": "Kerkstraat 1", "city": "Gent"}, "lines": []}


def sent_head(**changes: Any) -> dict[str, str]:
    return line_hashes(SENT, PLACED) | {
        path: hash_value(value)
        for path, value in {"order": "PO-1", "ship.street": "Kerkstraat 1", "ship.city": "Gent", **changes}.items()
    }


def seen(**head: Any) -> Standing:
    there = {"order": "PO-1", "ship.street": "KERKSTRAAT 1", "ship.city": "Gent", **head}
    return Standing("1", "Hold", may_change=True, may_cancel=True, head=there)


def test_what_is_as_it_was_sent_is_left_however_it_reads_there():
    found = compare(seen(order="PO-9"), SENT, PLACED, sent_head())

    assert (found.differences, found.is_touched, found.revision.head) == ((), False, {})


def test_a_part_is_sent_as_a_whole_when_one_field_of_it_changed():
    wanted = {**SENT, "ship": {"street": "Kerkstraat 1", "city": "Brugge"}}

    found = compare(seen(), wanted, PLACED, sent_head())

    assert [one.path for one in found.differences] == ["ship.city"]
    assert found.revision.head == {"ship": wanted["ship"]}
    assert not found.is_touched


@pytest.mark.parametrize(
    ("there", "was", "is_touched"),
    [
        ({"ship.city": "Aalst"}, {}, True),  # corrected there since
        ({"ship.city": "Aalst"}, {"ship.city": None}, True),  # never sent, and somebody filled it in
        ({"ship.city": ""}, {"ship.city": None}, False),
    ],
)
def test_a_field_that_changed_on_both_sides_is_not_overwritten_unasked(
    there: dict[str, Any], was: dict[str, Any], is_touched: bool
):
    sent = {path: value for path, value in sent_head().items() if path not in was}

    found = compare(seen(**there), {**SENT, "ship": {"street": "Kerkstraat 1", "city": "Brugge"}}, PLACED, sent)

    assert found.is_touched is is_touched
