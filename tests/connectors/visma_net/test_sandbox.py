"""The connector against the sandbox, over a real socket; the fake refuses every name the vendor does not list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apicenter.errors import OutcomeUnknown, Rejected
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Finding, Sent, SourceRecord, Window
from connectors.core import Totals
from connectors.http import ApiClient, StaticAuth, Unlimited
from connectors.sandbox import services, tokens
from connectors.sandbox.models import Account, Thing
from connectors.transport import close_idle_connections
from connectors.visma_net.connector import VismaNet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at:UserWarning"),  # static files are collected on deployment only
]

CUSTOMER: dict[str, Any] = {
    "name": "Atelier Deux",
    "customerClassId": "BE",
    "status": "Active",
    "vatRegistrationId": "BE0712345679",
    "corporateId": "0712345679",
    "mainAddress": {"addressLine1": "Rue Haute 5", "postalCode": "1000", "city": "Brussels", "countryId": "BE"},
    "mainContact": {"name": "Atelier Deux", "email": "Info@Atelier-Deux.example"},
    "contact": {"firstName": "Ines", "lastName": "Maes", "email": "ines@atelier-deux.example"},
}


@pytest.fixture
def account(live_server: Any) -> Iterator[Account]:
    organization = Organization.objects.create(name="Lumière")
    with organization_context(organization.pk):
        account = services.open_account(organization, Account.System.VISMA_NET)
        services.set_options(account, strict=True)
        yield account
    close_idle_connections()


@pytest.fixture
def connect(live_server: Any, account: Account) -> Iterator[Any]:
    base = f"{live_server.url}/sandbox/visma-net"
    with ApiClient(
        system="Visma.net ERP",
        hosts={"api": f"{base}/erp", "order": f"{base}/salesorder"},
        auth=StaticAuth(tokens.issue_access(account).value),
        budget=Unlimited(),
        dialect=VismaNet.dialect,
        threads=1,
    ) as client:
        yield lambda **settings: VismaNet(client, {"tenant_id": str(account.remote_id)} | settings)


def read_all(connector: VismaNet, window: Window, size: int) -> list[Any]:
    source = connector.source("products")
    source.page_size = size  # type: ignore[misc]
    page = source.page(window, None)
    records = list(page.records)
    while page.position is not None:
        page = source.page(window, page.position)
        records += page.records
    return records


def test_keys_of_items_are_listed_without_reading_them(connect: Any):
    source = connect().source("products")
    page = source.keys(None)
    listed = list(page.rows)
    while page.position is not None:
        page = source.keys(page.position)
        listed += page.rows
    records = read_all(connect(), Window(), 500)

    assert {(row.key, row.changed_at) for row in listed} == {(one.key, one.modified_at) for one in records}
    assert [one.key for one in source.reread([listed[3].key])] == [listed[3].key]


def order(connector: VismaNet, reference: str, *, item: str = "") -> dict[str, Any]:
    line = {
        "inventoryId": item or first_item(connector),
        "quantity": Decimal("2"),
        "unitPrice": Decimal("12.5"),
        "hasManualPrice": True,
    }
    return {
        "customer": {"id": make_customer(connector), "refNo": reference},
        "date": date(2026, 11, 20),
        "orderLines": [line | {"discountPercent": Decimal("10"), "hasManualDiscount": True}],
    }


def make_customer(connector: VismaNet) -> str:
    return connector.target("customers").create(CUSTOMER, reference="c0ffee").id


def first_item(connector: VismaNet) -> str:
    return read_all(connector, Window(), 500)[0].natural_key


def test_the_check_passes_and_names_the_company(connect):
    connector = connect()

    assert [row for row in connector.check() if row.finding is not Finding.OK] == []
    assert (connector.account().name, connector.account().currency) == ("Lichtlys NV", "EUR")


def test_every_list_and_every_field_can_be_shown(connect):
    connector = connect()

    assert [name for name in connector.option_lists if not connector.options(name)] == []
    assert all(connector.source(kind).fields() for kind in connector.sources)
    assert all(connector.target(kind).fields() for kind in connector.targets)


def test_vat_categories_and_terms_bring_what_a_proposal_needs(connect):
    connector = connect()

    assert Decimal("0.06") in {option.rate for option in connector.options("vat_categories")}
    assert "30" in {option.extra.get("days") for option in connector.options("credit_terms")}


def test_every_item_is_read_once_whatever_the_page_size(connect):
    connector = connect()

    large, small = read_all(connector, Window(), 500), read_all(connector, Window(), 100)

    assert len(large) == len({record.key for record in large}) == 520
    assert [record.key for record in small] == [record.key for record in large]
    products = [record.core for record in large if isinstance(record, SourceRecord)]
    assert all(product.price and product.vat_code and product.unit for product in products)
    assert any(product.ean for product in products)
    assert any(product.stock for product in products)


def test_changes_are_read_from_a_moment_on(connect):
    connector = connect()
    records = read_all(connector, Window(), 500)
    moment = sorted(record.modified_at for record in records)[-20]

    changed = read_all(connector, Window(since=moment), 500)

    assert {record.key for record in changed} == {r.key for r in records if r.modified_at >= moment}


def test_single_items_are_read_by_their_key(connect):
    connector = connect()
    record = read_all(connector, Window(), 500)[3]

    (again,) = connector.source("products").fetch([record.key])

    assert again.core == record.core


def test_items_are_looked_up_by_number(connect):
    connector = connect()
    number = first_item(connector)

    found = connector.target("sales_orders").existing_keys([number.lower(), "NO-SUCH-ITEM"])

    assert found == {number.lower(): number}


def test_a_customer_is_made_with_contact_found_changed_and_read_back(connect):
    target = connect().target("customers")

    made = target.create(CUSTOMER, reference="a1b2c3d4")
    target.update(made.id, {"mainAddress": {"city": "Ghent"}, "contact": CUSTOMER["contact"]})

    assert "contact" not in made.answer
    assert target.read(made.id)["mainAddress"]["city"] == "Ghent"
    for by, value in (("vat_number", "BE 0712.345.679"), ("email", "info@atelier-deux.example")):
        assert [row.id for row in target.find(by, value)] == [made.id]
    sent = Sent("a1b2c3d4", "Atelier Deux", CUSTOMER, datetime.now(UTC))
    assert [row.id for row in target.find_created(sent)] == [made.id]


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_an_order_is_made_and_found_again(connect, version):
    connector = connect(order_api=version)
    payload = order(connector, "a1b2c3d4")
    sent = Sent("a1b2c3d4", "", payload, datetime.now(UTC))
    target = connector.target("sales_orders")

    before = target.find_created(sent)
    made = target.create(payload, reference="a1b2c3d4")

    assert before == []
    assert [(row.id, row.number) for row in target.find_created(sent)] == [(made.id, made.number)]


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_a_type_with_own_numbers_makes_an_order_once(connect, version):
    connector = connect(order_api=version, order_type="WO", order_type_is_manual=True)
    payload = order(connector, "a1b2c3d4")
    target = connector.target("sales_orders")

    first, second = (target.create(payload, reference="a1b2c3d4") for _ in range(2))

    assert first.id == second.id
    assert len(target.find_created(Sent("a1b2c3d4", "", payload, datetime.now(UTC)))) == 1


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_an_item_that_does_not_exist_is_named(connect, version):
    connector = connect(order_api=version)
    payload = order(connector, "r", item="NO-SUCH-ITEM")

    with pytest.raises(Rejected) as refused:
        connector.target("sales_orders").create(payload, reference="r")

    assert (refused.value.code, refused.value.params["sku"]) == ("product.missing", "NO-SUCH-ITEM")


def test_an_invoice_is_made_and_found_again(connect):
    connector = connect()
    payload = {
        "customerNumber": make_customer(connector),
        "documentDate": date(2026, 11, 20),
        "invoiceText": "Deal 15",
        "invoiceLines": [
            {"inventoryNumber": first_item(connector), "quantity": Decimal(1), "unitPriceInCurrency": Decimal("99.5")}
        ],
    }
    target = connector.target("customer_invoices")

    made = target.create(payload, reference="a1b2c3d4")

    sent = Sent("a1b2c3d4", "", payload, datetime.now(UTC))
    assert [row.id for row in target.find_created(sent)] == [made.id]


def test_an_order_whose_answer_was_lost_is_found(connect, account):
    connector = connect()
    payload = order(connector, "a1b2c3d4")
    sent = Sent("a1b2c3d4", "", payload, datetime.now(UTC))
    services.set_faults(account, lost_rate=1)

    with pytest.raises(OutcomeUnknown):
        connector.target("sales_orders").create(payload, reference="a1b2c3d4")

    assert len(connector.target("sales_orders").find_created(sent)) == 1


def entry(**changes: Any) -> dict[str, Any]:
    lines = [
        {"accountNumber": "400000", "debitAmountInCurrency": Decimal("121.00")},
        {"accountNumber": "700000", "creditAmountInCurrency": Decimal("121.00"), "vatCodeId": "21"},
    ]
    today = datetime.now(UTC).date()
    return {"description": "Deal 15", "transactionDate": today, "journalTransactionLines": lines, **changes}


def test_a_journal_entry_whose_answer_was_lost_is_found_and_released(connect, account):
    target = connect().target("journal_transactions")
    for number in range(3):  # a page of three lines cuts the second batch in two
        target.create(entry(), reference=f"OTHER{number}")
    services.set_options(account, strict=True, page_cap=3)
    services.set_faults(account, lost_rate=1)
    sent = Sent("A1B2C3D4", "", entry(release=True), datetime.now(UTC))

    with pytest.raises(OutcomeUnknown):
        target.create(sent.payload, reference="A1B2C3D4")
    services.set_faults(account, lost_rate=0)

    (found,) = target.find_created(sent)
    assert Thing.objects.get(kind="journaltransaction", key=found.id).body["status"] == "Unposted"
    assert [one.id for one in target.find_entry("A1B2C3D4", period=f"{datetime.now(UTC):%Y%m}")] == [found.id]


def test_a_journal_entry_in_a_closed_period_is_refused_with_that_cause(connect, account):
    target = connect().target("journal_transactions")
    services.set_options(account, strict=True, closed_periods=(f"{datetime.now(UTC):%Y%m}",))

    with pytest.raises(Rejected) as refused:
        target.create(entry(), reference="A1B2C3D4")

    assert refused.value.code == "period.closed"
    assert not target.find_period(datetime.now(UTC).date()).is_open


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_what_an_order_came_to_is_read_back(connect, version):
    connector = connect(order_api=version)
    target = connector.target("sales_orders")

    made = target.create(order(connector, "a1b2c3d4"), reference="a1b2c3d4")

    assert target.totals_of(made.id) == Totals(excluding=Decimal("22.5"), including=Decimal("23.85"))


@pytest.mark.parametrize(
    ("kind", "lines", "more"),
    [
        ("customer_invoices", "invoiceLines", {}),
        ("credit_notes", "lines", {}),
        ("cash_sales", "cashSaleLines", {"paymentMethodId": "2", "cashAccount": "550000"}),
    ],
)
def test_what_a_document_came_to_is_read_back(connect, kind, lines, more):
    connector = connect()
    line = {"inventoryNumber": first_item(connector), "quantity": Decimal(1), "unitPriceInCurrency": Decimal("99.5")}
    payload = {"customerNumber": make_customer(connector), "documentDate": date(2026, 11, 20), lines: [line], **more}
    target = connector.target(kind)

    made = target.create(payload, reference="a1b2c3d4")

    found = target.totals_of(made.id)
    assert (found.excluding, found.including) == (Decimal("99.5"), Decimal("105.47"))
    taxes = [(one.rate, one.taxable, one.tax) for one in found.taxes]
    assert taxes == ([(Decimal("0.06"), Decimal("99.5"), Decimal("5.97"))] if kind != "cash_sales" else [])
