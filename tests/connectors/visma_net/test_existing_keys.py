"""Looking items up by number."""

from __future__ import annotations

import pytest

from tests.connectors.visma_net.calling import API, company, counted, recorded, reply

ITEMS = f"{API}/v1/inventory"


def row(number: str) -> dict[str, object]:
    return recorded("item", inventoryNumber=number)


@pytest.mark.parametrize(
    ("asked", "answered", "found"),
    [
        ("lamp-100", ["LAMP-100  "], "LAMP-100"),
        (" LAMP-100 ", ["LAMP-100"], "LAMP-100"),
        ("LAMP-100", [], None),
        ("LAMP-100", ["LAMP-1001", "LAMP-1002"], None),
        ("Ab", ["AB", "Ab"], "Ab"),
    ],
)
def test_a_number_is_compared_without_letter_case(asked: str, answered: list[str], found: str | None):
    with company() as (connector, routes):
        route = routes.get(ITEMS).mock(return_value=reply(counted([row(number) for number in answered])))

        assert connector.target("sales_orders").existing_keys([asked, asked]) == ({asked: found} if found else {})

    assert route.call_count == 1
    assert route.calls.last.request.url.params["inventoryNumber"] == asked.strip()


def test_a_filter_that_was_not_obeyed_is_no_proof_that_an_item_is_missing():
    others = counted([row(f"B-{index}") for index in range(50)], total=900)
    with company() as (connector, routes):
        routes.get(ITEMS).mock(return_value=reply(others))
        routes.get(f"{ITEMS}/A-1").mock(return_value=reply(row("A-1")))
        routes.get(f"{ITEMS}/A-2").mock(return_value=reply({"message": "not found"}, 404))

        assert connector.target("customer_invoices").existing_keys(["A-1", "A-2"]) == {"A-1": "A-1"}
