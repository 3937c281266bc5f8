"""How often a page asks the database: as often for much as for little."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.needs.page import SHOWN_CARDS
from flows.models import IS_OPEN, RunRecord
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import inside, make_binding, make_held_record, make_record, make_run, make_table

pytestmark = pytest.mark.django_db
ASKS = {  # page -> how often it may ask
    "/": 32,
    "/needs-you/": 26,
    "/log/": 20,
    "/log/?q=VV-": 20,
    "/flows/{products}/": 28,
    "/flows/{orders}/": 28,
    "/flows/{products}/map/": 26,
    "/flows/{orders}/tables/": 24,
    "/flows/{products}/runs/{run}/": 20,
    "/log/{held}/": 26,
    "/log/{sent}/": 22,
    "/connections/": 22,
}


@pytest.fixture
def company() -> Company:
    return make_company()


def asked(client: Client, address: str) -> list[str]:
    """Return what a page asks once everything that is kept between requests has been read."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def add_much(company: Company) -> None:
    """More of everything that a page may list."""
    with inside(company.organization):
        for number in range(3):
            sent, held = make_run(company.products, tally={"created": 4}), make_run(company.orders)
            for row in range(4):
                key = f"VV-{number}-{row}"
                make_record(sent, key, natural_key=key)
                make_binding(company.products, key, f"T-{key}", natural_key=key.lower())
                item = {"sku": f"SKU-{number}{row}", "system": "Visma.net"}
                make_held_record(held, f"O-{number}-{row}", code="product.missing", params=item)
                pair = {"table": "vat", "key": f"V{number}{row}", "value": f"V{number}{row}"}
                make_held_record(held, f"P-{number}-{row}", code="vat.no_pair", params=pair)
        make_table(company.orders, "currency", {f"C{row}": f"D{row}" for row in range(5)})


@pytest.mark.parametrize("page", ASKS)
def test_a_page_asks_as_often_for_much_as_for_little(company: Company, page: str):
    client = signed_in(company.owner)
    keys = {name: getattr(company, name).pk for name in ("products", "orders", "run", "held", "sent")}
    address = page.format(**keys)

    few = asked(client, address)
    add_much(company)
    many = asked(client, address)

    assert len(many) <= len(few) + (page == "/needs-you/"), "\n".join(many)  # it looks for items once it misses one
    assert len(many) <= ASKS[page]


def test_needs_you_shows_a_portion_of_many_causes(company: Company):
    client = signed_in(company.owner)
    with inside(company.organization):
        run = make_run(company.orders)
        for row in range(SHOWN_CARDS):
            params = {"sku": f"SKU-{row}", "system": "Visma.net"}
            make_held_record(run, f"O-{row}", code="product.missing", params=params)

    first = client.get("/needs-you/")
    second = client.get("/needs-you/?page=2")

    causes = first.context["page"].causes
    assert causes > SHOWN_CARDS
    assert len(first.context["page"].cards) == SHOWN_CARDS
    assert len(second.context["page"].cards) == causes - SHOWN_CARDS
    assert "?page=2" in first.content.decode()


def test_open_rows_are_those_of_the_partial_indexes(company: Company):
    with inside(company.organization):
        found = RunRecord.objects.filter(IS_OPEN)

        assert {row.state for row in found} <= set(RunRecord.OPEN)
        assert found.count() == RunRecord.objects.filter(state__in=RunRecord.OPEN).count() > 0
        assert "IN ('waiting', 'needs_you')" in found.query.sql_with_params()[0]  # not beside the statement
