"""The connector against the sandbox, over a real socket; every call is held against the contract."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Finding, Omitted, Sent, SourceRecord, Window
from connectors.sandbox import services, tokens
from connectors.sandbox.models import Account
from connectors.teamleader.connector import Teamleader
from connectors.transport import close_idle_connections
from tests.connectors.teamleader.focus_fake import make_client

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at:UserWarning"),  # static files are collected on deployment only
]


@pytest.fixture
def connector(live_server):
    organization = Organization.objects.create(name="Lumière")
    with organization_context(organization.pk):
        account = services.open_account(organization, Account.System.TEAMLEADER, seeded=True)
        services.set_options(account, strict=True, limit_calls=5000)
        token = tokens.issue_access(account).value
    with make_client(f"{live_server.url}/sandbox/teamleader/api", token, threads=1) as client:
        yield Teamleader(client, {})
    close_idle_connections()


def read_all(source):
    page = source.page(Window(), None)
    records = list(page.records)
    while page.position is not None:
        page = source.page(Window(), page.position)
        records += page.records
    return records


def test_the_check_passes(connector):
    assert {row.finding for row in connector.check()} == {Finding.OK}
    assert connector.account().id


def test_orders_are_read_and_their_totals_add_up(connector):
    records = read_all(connector.source("orders"))

    orders = [row.core for row in records if isinstance(row, SourceRecord)]
    assert {row.code for row in records if isinstance(row, Omitted)} == {"skip.no_quotation"}
    assert len(orders) > 10
    assert all(order.totals.including >= order.totals.excluding or order.totals.excluding < 0 for order in orders)
    assert all(line.vat_rate is not None for order in orders for line in order.lines)
    assert any(line.sku for order in orders for line in order.lines)


def test_customers_and_products_are_read(connector):
    customers, products = read_all(connector.source("customers")), read_all(connector.source("products"))

    assert any(isinstance(row, SourceRecord) and row.core.vat_number for row in customers)
    assert any(isinstance(row, SourceRecord) and row.core.price for row in products)


def test_a_product_is_made_found_changed_and_read_back(connector):
    target = connector.target("products")
    rate = connector.options("tax_rates")[0].value
    sent_at = datetime.now(UTC)
    payload = {"code": "NEW-1", "name": "Nieuw", "selling_price": {"amount": 5, "currency": "EUR"}, "tax_rate_id": rate}

    made = target.create(payload, reference="r")
    target.update(made.id, {"name": "Nieuwer"})

    assert [row.id for row in target.find("code", "new-1")] == [made.id]
    assert [row.id for row in target.find_created(Sent("r", "NEW-1", payload, sent_at))] == [made.id]
    assert made.id in {row.id for row in target.index()}
    assert (target.read(made.id)["name"], target.read(made.id)["tax_rate_id"]) == ("Nieuwer", rate)


def test_every_list_and_every_field_can_be_shown(connector):
    assert all(connector.options(name) is not None for name in connector.option_lists)
    assert all(connector.source(kind).fields() for kind in connector.sources)
    assert all(connector.target(kind).fields() for kind in connector.targets)


@pytest.mark.parametrize("kind", ["customers", "invoices", "orders", "products"])
def test_keys_are_listed_cheaply_and_name_what_a_read_gives(connector, kind):
    source = connector.source(kind)
    calls = connector.api.calls
    page = source.keys(None)
    listed = list(page.rows)
    while page.position is not None:
        page = source.keys(page.position)
        listed += page.rows
    assert connector.api.calls - calls < len(listed) / 5

    wanted = [row for row in listed if row.is_wanted]
    read = source.reread([wanted[0].key, wanted[-1].key])

    assert {record.key for record in read} == {wanted[0].key, wanted[-1].key}
    assert not [record for record in read if isinstance(record, Omitted) and record.code == "skip.deleted"]
    versions = {row.key: row.changed_at for row in listed}
    assert all(record.modified_at is None or record.modified_at >= versions[record.key] for record in read)
