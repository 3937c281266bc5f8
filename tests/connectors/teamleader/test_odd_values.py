"""A value that the contract does not allow is read as none or parks its record; it never breaks the page."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from apicenter.errors import RecordError
from connectors.base import Source, SourceRecord
from connectors.core import JSONDict
from connectors.http import ApiClient
from connectors.teamleader.connector import Teamleader
from connectors.teamleader.customers import CustomerSource
from connectors.teamleader.invoices import InvoiceSource
from connectors.teamleader.orders import OrderSource
from connectors.teamleader.products import ProductSource
from tests.connectors.teamleader.focus_fake import FakeFocus, make_client, make_connector, recorded, uid
from tests.connectors.teamleader.test_sources import fill, make_companies, make_deals, read_all

GONE = object()
ODD = (GONE, None, "", [], {}, 7, "zz", True)
COMPANY = {"company": recorded("company"), "contact_person": recorded("contact"), "contacts": [recorded("contact")]}
RECORDS: list[tuple[type[Source], JSONDict]] = [
    (OrderSource, {"deal": recorded("deal"), "quotation": recorded("quotation"), "reference": "2026/12", **COMPANY}),
    (CustomerSource, COMPANY),
    (CustomerSource, {"contact": recorded("contact")}),
    (ProductSource, {"product": recorded("product")}),
    (InvoiceSource, {"invoice": recorded("invoice"), **COMPANY}),
]
OURS = {("product", "id"), ("invoice",)}  # what we put there ourselves, or asked by


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in rows:
        yield (*path, name)
        yield from paths(inner, (*path, name))


def with_value(raw: JSONDict, path: tuple[Any, ...], value: Any) -> JSONDict:
    changed = deepcopy(raw)
    place: Any = changed
    for name in path[:-1]:
        place = place[name]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


@pytest.mark.parametrize(("source", "raw"), RECORDS)
def test_an_odd_value_anywhere_is_read_or_parks_the_record(source: type[Source], raw: JSONDict):
    reader = source(make_connector())
    outcomes = set()

    for path in paths(raw):
        for value in ODD if path not in OURS else ():
            try:
                outcomes.add(type(reader.parse(with_value(raw, path, value))))
            except RecordError:
                outcomes.add(RecordError)

    assert SourceRecord in outcomes


@pytest.mark.parametrize("odd", ["zz", 7, None])
def test_a_moment_in_no_known_form_stops_no_list(focus: FakeFocus, odd: Any):
    rows = [recorded("product", id=uid(n), code=f"P{n}", updated_at=odd) for n in range(2)]
    focus.things = {"products": rows, "companies": make_companies(2), "contacts": []}
    focus.things["companies"][1]["updated_at"] = "zz"  # the fake can sort no others
    connector = Teamleader(make_client(client=ApiClient), {"page_size": 2})

    for source in (ProductSource, CustomerSource):
        _pages, records = read_all(source(connector))
        assert [type(one) for one in records] == [SourceRecord, SourceRecord]


@pytest.mark.parametrize("currency", ["XBT", "ZZZ"])
def test_an_order_in_a_currency_nobody_knows_keeps_its_name(focus: FakeFocus, currency: str):
    deals, quotations = make_deals(2)
    quotations[0]["currency"] = currency
    fill(focus, deals, quotations)

    _pages, (first, second) = read_all(OrderSource(make_connector()))

    assert first.core.currency == currency
    assert isinstance(second, SourceRecord)
