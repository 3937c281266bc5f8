"""A spreadsheet in place of one system: every flow as it is, and only what changed is sent."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from apicenter.tenancy import organization_context
from connectors import services, sheets
from connectors.files import Choices, Side
from connectors.models import Connection, Sheet, SheetRow
from connectors.sandbox.models import Thing
from flows.models import Binding, Flow, Run, RunRecord
from flows.services import start_run
from flows.setup.creation import create_flow
from flows.triggers.uploads import take_file
from tests.connectors.spreadsheet.files import ORDERS_CSV, PRODUCTS_CSV
from tests.factories import make_organization
from tests.flows.live import Company, work_what_is_due
from tests.flows.test_following import change_quotation, lose_deal

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def spreadsheet(company: Company) -> Connection:
    connection = services.connect(
        company.organization, "spreadsheet", name="Our files", environment="sandbox", settings={}, secrets={}
    )
    services.check(connection)
    connection.refresh_from_db()
    return connection


def put(connection: Connection, kind: str, content: bytes) -> tuple[Sheet, list[Run]]:
    """Upload a file, take its columns as they are proposed, and work."""
    sheet = sheets.upload(connection, kind, "file.csv", content)
    _taken, runs = take_file(sheet, sheet.columns, Choices.model_validate(sheet.choices))
    work_what_is_due()
    return sheet, runs


def rates(connection: Connection, name: str) -> dict[str, str]:
    """Return a value of the other system for each percentage: several may have the same."""
    with services.open_connector(connection) as connector:
        return {f"{one.rate * 100:.0f}": one.value for one in connector.options(name) if one.rate}


def run(flow: Flow) -> Run:
    started = start_run(flow, Run.Trigger.MANUAL)
    work_what_is_due()
    started.refresh_from_db()
    return started


def written(connection: Connection, kind: str) -> list[tuple[object, ...]]:
    sheet = Sheet.objects.get(connection=connection, kind=kind, side=Side.WRITTEN)
    page = load_workbook(io.BytesIO(sheets.download(sheet, "xlsx"))).active
    assert page is not None
    return list(page.iter_rows(values_only=True))


def test_products_of_a_sheet_are_sent_and_then_only_what_changed(company: Company):
    files = spreadsheet(company)
    put(files, "products", PRODUCTS_CSV)
    focus = company.connection("teamleader")
    flow = create_flow("products", files, focus, pairs={"vat": rates(focus, "tax_rates")})

    first = run(flow)

    assert company.tally(first, "products").created == 3
    changed = PRODUCTS_CSV.replace(b"59,9", b"64,5") + b"NEW-1;Nieuw;1,00;21;stuk;\r\n"
    _sheet, runs = put(files, "products", changed)
    sent = RunRecord.objects.filter(run__in=runs, state__in=(State.CREATED, State.UPDATED))
    assert sorted(sent.values_list("natural_key", "state")) == [("LMP-2", "updated"), ("NEW-1", "created")]
    lamp = next(one for one in company.things("teamleader", "product") if one.body["code"] == "LMP-2")
    assert Decimal(str(lamp.body["selling_price"]["amount"])) == Decimal("64.5")


def test_a_file_that_did_not_change_starts_nothing(company: Company):
    files = spreadsheet(company)
    put(files, "products", PRODUCTS_CSV)
    before = list(SheetRow.objects.order_by("key").values_list("key", "changed_at"))

    _sheet, runs = put(files, "products", PRODUCTS_CSV.replace(b"\r\n", b"\r\n\r\n", 1))

    assert (runs, list(SheetRow.objects.order_by("key").values_list("key", "changed_at"))) == ([], before)


def test_items_of_the_erp_become_rows_once(company: Company):
    files = spreadsheet(company)
    keys = [one.pk for one in company.things("visma_net", "inventory")[60:]]
    Thing.objects.filter(pk__in=keys).delete()  # a few will do
    flow = create_flow("products", company.connection("visma_net"), files)

    first = run(flow)
    Flow.objects.filter(pk=flow.pk).update(cursor=None)
    second = run(Flow.objects.get(pk=flow.pk))

    tally = company.tally(first, "products")
    headings, *rows = written(files, "products")
    assert headings[:2] == ("Product number", "Name")
    assert len(rows) == tally.created == Binding.objects.filter(to_connection=files).count() > 20
    assert (tally.needs_you, company.tally(second, "products").created) == (0, 0)


def test_orders_of_a_sheet_become_sales_orders_with_their_customers(company: Company):
    files = spreadsheet(company)
    item = company.things("visma_net", "inventory")[0].body["inventoryNumber"].encode()
    today = f"{timezone.localdate():%d/%m/%Y}".encode()  # earlier periods may be closed
    put(files, "orders", ORDERS_CSV.replace(b"LMP-1", item).replace(b"BK-7", item).replace(b"05/03/2026", today))
    erp = company.connection("visma_net")
    flow = create_flow(
        "orders", files, erp,
        pairs={"vat": rates(erp, "vat_categories"), "customer_class": {"company": "BE", "person": "PRIVATE"}},
    )  # fmt: skip

    done = run(flow)

    tally = company.tally(done, "orders")
    held = [(row.code, row.params) for row in RunRecord.objects.filter(run=done, state=State.NEEDS_YOU)]
    assert (tally.read, tally.created) == (2, 1), held
    assert [code for code, _params in held] == ["file.cell"]


def test_won_deals_become_lines_with_their_customers(company: Company):
    company.keep_deals("two_accepted", "unknown_product", "private_person", "mixed_rates")
    files = spreadsheet(company)
    flow = create_flow("orders", company.connection("teamleader"), files)

    done = run(flow)

    tally = company.tally(done, "orders")
    held = [(row.code, row.params) for row in RunRecord.objects.filter(run=done, state=State.NEEDS_YOU)]
    assert tally.created > 3, held
    assert len({row[0] for row in written(files, "orders")[1:]}) == tally.created
    assert len(written(files, "customers")) - 1 == company.tally(done, "customers").created


def test_an_order_in_a_sheet_follows_its_deal_and_goes_with_it(company: Company):
    company.keep_deals("mixed_rates")
    files = spreadsheet(company)
    wanted = {"after_change": "change_update", "after_loss": "loss_cancel"}
    flow = create_flow("orders", company.connection("teamleader"), files, values=wanted)
    run(flow)
    before = written(files, "orders")[1:]

    change_quotation(company, with_new_line=True)
    changed = run(flow)
    after = written(files, "orders")[1:]
    again = run(flow)
    lose_deal(company)
    lost = run(flow)

    at = written(files, "orders")[0].index("Quantity")
    counts, old = ([float(str(row[at])) for row in rows] for rows in (after, before))
    assert company.tally(changed, "orders").updated == 1
    assert counts == [old[0] * 2, *old[1:-1], old[0] * 2]
    assert company.tally(again, "orders").updated == 0
    assert company.tally(lost, "orders").updated == 1
    assert written(files, "orders")[1:] == []


def test_files_are_sealed_and_nobody_else_sees_them(company: Company):
    files = spreadsheet(company)
    sheet, _runs = put(files, "products", PRODUCTS_CSV)

    assert b"Bureaulamp" not in bytes(sheet.content or b"")
    assert not any(b"Bureaulamp" in bytes(row.content) for row in SheetRow.objects.all())
    with organization_context(make_organization("Other").pk):
        assert not Sheet.objects.exists()
        assert not SheetRow.objects.exists()


def test_customers_go_both_ways(company: Company):
    files, erp, focus = spreadsheet(company), company.connection("visma_net"), company.connection("teamleader")
    content = b"Klantnummer;Naam;Btw-nummer;Land\nK-1;Lichtatelier;BE0477472701;BE\nK-2;;;\n"
    put(files, "customers", content)

    there = run(create_flow("customers", files, erp, pairs={"customer_class": {"company": "BE", "person": "PRIVATE"}}))
    back = run(create_flow("customers", focus, files))

    sent = company.tally(there, "customers")
    held = RunRecord.objects.get(run=there, state=State.NEEDS_YOU)
    assert (sent.read, sent.created, held.code, held.params["line"]) == (2, 1, "file.cell", "3")
    assert any(one.body["name"] == "Lichtatelier" for one in company.things("visma_net", "customer"))
    assert len(written(files, "customers")) - 1 == company.tally(back, "customers").created > 0
