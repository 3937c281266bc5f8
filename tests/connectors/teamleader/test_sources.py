"""Reading pages: what is asked for, and that nothing is lost while records change under the read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apicenter.errors import RemoteUnavailable
from connectors.base import Omitted, SourceRecord, Unreadable, Window
from connectors.http import ApiClient
from connectors.teamleader.connector import Teamleader
from connectors.teamleader.customers import CustomerSource
from connectors.teamleader.orders import OrderSource
from connectors.teamleader.products import ProductSource
from tests.connectors.teamleader.focus_fake import make_client, make_connector, recorded, reply, uid

T0 = datetime(2026, 3, 1, tzinfo=UTC)


def stamp(seconds: int) -> str:
    return (T0 + timedelta(seconds=seconds)).isoformat()


def make_companies(count: int, **changes):
    return [
        recorded("company", id=uid(1000 + n), name=f"Firm {n}", updated_at=stamp(n), related_contacts=[], **changes)
        for n in range(count)
    ]


def make_deals(count: int):
    """Won deals with a quotation each, the oldest first."""
    deals, quotations = [], []
    for n in range(count):
        link = {"type": "quotation", "id": uid(3000 + n)}
        deals.append(recorded("deal", id=uid(2000 + n), reference=f"2026/{n}", created_at=stamp(n), quotations=[link]))
        deal = {"type": "deal", "id": uid(2000 + n)}
        quotations.append(recorded("quotation", id=uid(3000 + n), deal=deal))
    return deals, quotations


def fill(focus, deals, quotations):
    focus.things = {
        "deals": deals,
        "quotations": quotations,
        "companies": [recorded("company")],
        "contacts": [recorded("contact", id=uid(4), last_name="Claes")],
        "products": [recorded("product")],
        "taxRates": [
            {"id": uid(70), "rate": 0.21, "description": "21%", "department": {"type": "department", "id": uid(50)}}
        ],
    }


def read_all(source, window=None):
    window = window or Window()
    pages = [source.page(window, None)]
    while pages[-1].position is not None:
        pages.append(source.page(window, pages[-1].position))
    return pages, [record for page in pages for record in page.records]


def test_an_order_carries_all_its_parts_under_their_names(focus):
    fill(focus, [recorded("deal")], [recorded("quotation")])

    _pages, (order,) = read_all(OrderSource(make_connector()))

    assert isinstance(order, SourceRecord)
    assert (order.key, order.natural_key) == (uid(20), "2026/12")
    assert order.label == "Verlichting kantoor · Atelier Lumière bv"
    assert order.modified_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert {"deal", "quotation", "company", "contact_person", "products", "tax_rates"} <= order.raw.keys()
    assert order.core.lines[0].sku == "LAMP-1"
    assert order.core.customer.contact_person.last_name == "Claes"


def test_a_stored_order_is_parsed_again_without_a_call(focus):
    fill(focus, [recorded("deal")], [recorded("quotation")])
    source = OrderSource(make_connector())
    _pages, (order,) = read_all(source)
    before = len(focus.calls)

    assert source.parse(order.raw) == order
    assert len(focus.calls) == before


def test_deals_are_asked_in_a_fixed_window_in_an_order_that_does_not_change(focus):
    fill(focus, *make_deals(3))

    read_all(OrderSource(make_connector(page_size=2)), Window(since=datetime(2026, 1, 1, tzinfo=UTC)))

    bodies = focus.bodies("deals.list")
    pages = [body["page"] for body in bodies]
    assert pages == [{"size": 2, "number": 1}, {"size": 2, "number": 2}, {"size": 1, "number": 2}]  # has none moved up?
    assert all(body["filter"]["updated_since"] == "2026-01-01T00:00:00+00:00" for body in bodies)
    assert all(body["sort"] == [{"field": "created_at", "order": "asc"}] for body in bodies)


def test_a_deal_that_stops_being_won_during_the_read_hides_no_other(focus):
    deals, quotations = make_deals(6)
    fill(focus, deals, quotations)
    source = OrderSource(make_connector(page_size=3))
    first = source.page(Window(), None)
    focus.things["deals"][0]["status"] = "lost"

    second = source.page(Window(), first.position)

    assert [record.key for record in (*first.records, *second.records)] == [uid(3000 + n) for n in range(6)]


def test_shared_records_of_a_page_are_read_once(focus):
    fill(focus, *make_deals(8))

    pages, records = read_all(OrderSource(make_connector()))

    assert (len(pages), len(records)) == (1, 8)
    assert [focus.methods().count(name) for name in ("companies.info", "contacts.list", "products.list")] == [1, 2, 1]
    assert focus.methods().count("taxRates.list") == 1


def test_a_page_of_deals_is_worked_off_in_portions_that_fit_the_limit(focus):
    fill(focus, *make_deals(20))

    pages, records = read_all(OrderSource(make_connector()))

    assert [len(page.records) for page in pages] == [8, 8, 4]
    assert focus.methods().count("deals.list") == 1
    assert len({record.key for record in records}) == 20


def test_a_won_deal_without_accepted_quotation_is_left_out_with_the_reason(focus):
    fill(focus, [recorded("deal")], [recorded("quotation", status="refused")])

    _pages, (row,) = read_all(OrderSource(make_connector()))

    assert isinstance(row, Omitted)
    assert (row.code, row.key, row.natural_key) == ("skip.no_quotation", f"deal:{uid(10)}", "2026/12")


def test_the_second_accepted_quotation_is_an_order_of_its_own(focus):
    links = [{"type": "quotation", "id": uid(21)}, {"type": "quotation", "id": uid(20)}]
    later = recorded("quotation", id=uid(21), created_at="2026-02-05T09:00:00+00:00")
    fill(focus, [recorded("deal", quotations=links)], [later, recorded("quotation")])

    _pages, records = read_all(OrderSource(make_connector()))

    assert [(row.key, row.natural_key) for row in records] == [(uid(20), "2026/12"), (uid(21), "2026/12/2")]


def test_open_deals_make_no_record_but_move_the_watermark(focus):
    fill(focus, [recorded("deal", status="open", updated_at="2026-03-09T10:00:00+00:00")], [])

    pages, records = read_all(OrderSource(make_connector()))

    assert records == []
    assert pages[0].seen_until == datetime(2026, 3, 9, 10, tzinfo=UTC)


def test_a_malformed_quotation_does_not_keep_the_others(focus):
    deals, quotations = make_deals(2)
    quotations[0]["grouped_lines"] = [{"line_items": [{"quantity": 1}]}]
    fill(focus, deals, quotations)

    _pages, (parked, read) = read_all(OrderSource(make_connector()))

    assert isinstance(parked, Unreadable)
    assert (parked.key, parked.natural_key, parked.error.code) == (uid(3000), "2026/0", "record.unreadable")
    assert isinstance(read, SourceRecord)


def test_an_order_whose_customer_was_deleted_has_none(focus):
    fill(focus, [recorded("deal")], [recorded("quotation")])
    focus.things["companies"] = []

    _pages, (order,) = read_all(OrderSource(make_connector()))

    assert order.core.customer is None


def test_a_backfill_leaves_out_what_changed_after_its_end(focus):
    deals, quotations = make_deals(2)
    deals[1]["updated_at"] = "2026-03-05T00:00:00+00:00"
    fill(focus, deals, quotations)

    _pages, records = read_all(OrderSource(make_connector()), Window(until=datetime(2026, 3, 5, tzinfo=UTC)))

    assert [record.key for record in records] == [uid(3000)]


def test_orders_are_fetched_by_quotation_or_by_deal(focus):
    fill(focus, *make_deals(3))
    source = OrderSource(make_connector())

    rows = source.fetch([uid(3000), f"deal:{uid(2002)}", uid(9999)])

    assert [(row.key, type(row)) for row in rows] == [
        (uid(3002), SourceRecord),
        (uid(3000), SourceRecord),
        (uid(9999), Omitted),
    ]
    assert rows[-1].code == "skip.deleted"


def test_a_quotation_that_is_no_longer_accepted_comes_back_as_left_out(focus):
    fill(focus, [recorded("deal")], [recorded("quotation", status="refused")])

    (row,) = OrderSource(make_connector()).fetch([uid(20)])

    assert (row.key, row.code) == (uid(20), "skip.filtered")


def test_customers_are_companies_then_contacts(focus):
    focus.things = {"companies": [recorded("company")], "contacts": [recorded("contact")]}

    pages, records = read_all(CustomerSource(make_connector()))

    assert [row.key for row in records] == [f"company:{uid(1)}", f"contact:{uid(2)}"]
    assert pages[-1].seen_until == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_company_comes_with_the_person_who_decides(focus):
    person = recorded("contact", id=uid(4), last_name="Claes")
    focus.things = {"companies": [recorded("company")], "contacts": [person]}

    (company,) = CustomerSource(make_connector()).fetch([f"company:{uid(1)}"])

    assert company.core.contact_person.last_name == "Claes"


def test_a_row_edited_during_the_read_hides_no_other(focus):
    focus.things = {"companies": make_companies(9), "contacts": []}
    source = CustomerSource(make_connector(page_size=3))
    first = source.page(Window(), None)
    focus.things["companies"][0]["updated_at"] = stamp(500)

    keys = [record.key for record in first.records]
    position = first.position
    while position is not None:
        page = source.page(Window(), position)
        keys += [record.key for record in page.records]
        position = page.position

    assert set(keys) == {f"company:{uid(1000 + n)}" for n in range(9)}
    assert len(keys) == 10  # the edited one is read again


def test_many_rows_of_one_second_are_all_read_once(focus):
    focus.things = {"companies": [{**row, "updated_at": stamp(5)} for row in make_companies(8)], "contacts": []}

    _pages, records = read_all(CustomerSource(make_connector(page_size=3)), Window(since=T0))

    assert [row.key for row in records] == [f"company:{uid(1000 + n)}" for n in range(8)]


def test_contacts_of_a_company_are_left_out_unless_asked_for(focus):
    link = {"position": None, "company": {"type": "company", "id": uid(1)}}
    focus.things = {"companies": [], "contacts": [recorded("contact", companies=[link])]}

    _pages, (left_out,) = read_all(CustomerSource(make_connector()))
    _pages, (taken,) = read_all(CustomerSource(make_connector(company_contacts=True)))

    assert (left_out.code, taken.core.name) == ("skip.filtered", "Anna Peeters")


def test_a_contact_deleted_meanwhile_is_named_as_deleted(focus):
    focus.things = {"contacts": []}

    (row,) = CustomerSource(make_connector()).fetch([f"contact:{uid(2)}"])

    assert (row.key, row.code) == (f"contact:{uid(2)}", "skip.deleted")


def test_products_without_a_code_are_parked_and_the_others_go_on(focus):
    focus.things = {"products": [recorded("product", code=None), recorded("product", id=uid(31))]}

    _pages, (parked, read) = read_all(ProductSource(make_connector()))

    assert isinstance(parked, Unreadable)
    assert (parked.error.code, read.natural_key) == ("record.unreadable", "LAMP-1")


@pytest.mark.parametrize("body", [{"errors": []}, {"data": {"id": "x"}}, {"data": None}])
def test_an_answer_without_rows_is_tried_again_later(focus, body):
    focus.answers["products.list"] = lambda asked: reply(body)
    connector = Teamleader(make_client(client=ApiClient), {})

    with pytest.raises(RemoteUnavailable):
        ProductSource(connector).page(Window(), None)


def test_counting_costs_a_call_per_page_and_none_per_record(focus):
    deals, quotations = make_deals(3)
    deals[1]["status"] = "open"
    fill(focus, deals, quotations)

    counted = [sum(kind(make_connector()).counts(Window())) for kind in (OrderSource, ProductSource, CustomerSource)]

    assert counted == [2, 1, 2]
    assert focus.methods() == ["deals.list", "products.list", "companies.list", "contacts.list"]
