"""Files of a connection: uploaded, looked at, taken, downloaded and deleted, by who may."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from apicenter.organizations.models import AuditEntry, Membership
from apicenter.tenancy import platform_context
from connectors.files import Side
from connectors.models import Connection, Sheet, SheetRow
from connectors.sheet_store import DatabaseStore
from dashboard.needs.fixes import fix_link
from flows.archive import stream
from flows.erasure import erase
from flows.log.retention import purge_expired, shorten
from tests.connectors.spreadsheet.files import BOMB, PRODUCTS_CSV
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company, make_company
from tests.factories import add_member, inside, make_flow, make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


def client_of(company: Company, role: str = Membership.Role.OWNER) -> Client:
    user = company.owner
    if role != Membership.Role.OWNER:
        user = make_user(f"{role}@example.com")
        add_member(company.organization, user, role=role)
    client = Client()
    client.force_login(user)
    return client


def add(client: Client, company: Company) -> Connection:
    response = client.post(
        "/files/new/", {"partner": str(company.visma_net.pk), "name": "Our lists", "currency": "eur"}
    )
    with inside(company.organization):
        made = Connection.objects.get(connector="spreadsheet")
    assert response["Location"] == f"/files/{made.pk}/"
    return made


def send(client: Client, made: Connection, content: bytes, *, kind: str = "products", name: str = "a.csv") -> str:
    response = client.post(f"/files/{made.pk}/upload/{kind}/", {"file": SimpleUploadedFile(name, content)}, follow=True)
    return response.content.decode()


def sheet_of(company: Company) -> Sheet:
    with inside(company.organization):
        return Sheet.objects.get()


COLUMNS = {"decimal": ",", "delimiter": ";", "encoding": "cp1252", "header_line": "1", "column-sku": "Artikelnummer",
           "column-name": "Omschrijving", "column-price": "Verkoopprijs", "column-vat": "Btw"}  # fmt: skip


def test_a_file_is_taken_once_its_columns_are_confirmed(company: Company):
    client = client_of(company)
    made = add(client, company)

    page = send(client, made, PRODUCTS_CSV)
    assert "Which column is what?" in page
    assert "Café-lamp" in page
    sheet = sheet_of(company)
    assert (sheet.row_count, sheet.is_confirmed) == (0, False)
    done = client.post(f"/files/sheets/{sheet.pk}/", COLUMNS, follow=True).content.decode()

    assert "3 new, 0 changed, 0 as before, 0 no longer in the file." in done
    with inside(company.organization):
        assert list(SheetRow.objects.order_by("line").values_list("key", flat=True)) == ["LMP-1", "LMP-2", "BK-7"]
        assert {"sheet.connection_made", "sheet.uploaded", "sheet.taken"} <= set(
            AuditEntry.objects.values_list("action", flat=True)
        )


def test_a_newer_file_with_the_same_headings_is_taken_at_once(company: Company):
    client = client_of(company)
    made = add(client, company)
    send(client, made, PRODUCTS_CSV)
    client.post(f"/files/sheets/{sheet_of(company).pk}/", COLUMNS)

    page = send(client, made, PRODUCTS_CSV.replace(b"59,9", b"64,5").replace(b"BK-7;Gids;12,00;6;stuk;\r\n", b""))

    assert "0 new, 1 changed, 1 as before, 1 no longer in the file." in page


def test_what_is_wrong_with_a_file_stands_at_its_place(company: Company):
    client = client_of(company)
    made = add(client, company)

    assert "The file is too large: at most 64 MB" in send(client, made, BOMB, name="bomb.xlsx")
    assert "Choose a file." in client.post(f"/files/{made.pk}/upload/products/").content.decode()
    assert client.post(f"/files/{made.pk}/upload/prices/").status_code == 404
    send(client, made, PRODUCTS_CSV)
    page = client.post(f"/files/sheets/{sheet_of(company).pk}/", COLUMNS | {"column-name": ""}).content.decode()
    assert "Say which column of the file this is." in page
    assert "is-invalid" in page or "invalid" in page


def test_how_a_file_is_read_can_be_changed_before_it_is_taken(company: Company):
    client = client_of(company)
    made = add(client, company)
    send(client, made, b"sku,name\n1;A,lamp\n")
    path = f"/files/sheets/{sheet_of(company).pk}/"

    page = client.post(path, {"look": "1", "delimiter": ";", "decimal": ".", "header_line": "2"}).content.decode()

    assert "<th>A,lamp</th>" in page


def test_what_flows_wrote_is_downloaded_by_editors_only(company: Company):
    client = client_of(company)
    made = add(client, company)
    with inside(company.organization):
        DatabaseStore(made).put("products", "A-1", {"sku": "A-1", "name": "=lamp"}, reference="R1")
        DatabaseStore(made).put("products", "A-1", {"sku": "A-1", "name": "=Lamp"}, reference="R1")
        sheet = Sheet.objects.get(side=Side.WRITTEN)

    response = client.get(f"/files/sheets/{sheet.pk}/file.xlsx")

    page = load_workbook(io.BytesIO(response.content)).active
    assert page is not None
    assert [row[:2] for row in page.iter_rows(min_row=2, values_only=True)] == [("A-1", "=Lamp")]
    assert "attachment" in response["Content-Disposition"]
    assert b"'=Lamp" in client.get(f"/files/sheets/{sheet.pk}/file.csv").content
    assert client.get(f"/files/sheets/{sheet.pk}/file.pdf").status_code == 404
    viewer = client_of(company, Membership.Role.VIEWER)
    assert viewer.get(f"/files/sheets/{sheet.pk}/file.csv").status_code == 404
    assert viewer.get(f"/files/{made.pk}/").status_code == 200
    assert viewer.post(f"/files/{made.pk}/upload/products/").status_code == 403


def test_a_deleted_sheet_is_gone_with_its_rows(company: Company):
    client = client_of(company)
    made = add(client, company)
    send(client, made, PRODUCTS_CSV)
    sheet = sheet_of(company)
    assert client.get(f"/files/sheets/{sheet.pk}/file.original").content == PRODUCTS_CSV

    client.post(f"/files/sheets/{sheet.pk}/delete/")

    with inside(company.organization):
        assert not Sheet.objects.exists()
        assert not SheetRow.objects.exists()


def test_a_stranger_gets_a_404_and_no_partner_of_somebody_else(company: Company):
    made = add(client_of(company), company)
    send(client_of(company), made, PRODUCTS_CSV)
    sheet = sheet_of(company)
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = Client()
    client.force_login(stranger)

    read = (f"/files/{made.pk}/", f"/files/sheets/{sheet.pk}/", f"/files/sheets/{sheet.pk}/file.original")
    written = (f"/files/{made.pk}/upload/products/", f"/files/sheets/{sheet.pk}/", f"/files/sheets/{sheet.pk}/delete/",
               f"/files/sheets/{sheet.pk}/read/")  # fmt: skip
    assert {client.get(path).status_code for path in read} == {404}
    assert {client.post(path).status_code for path in written} == {404}
    client.post("/files/new/", {"partner": str(company.visma_net.pk)})
    with inside(company.organization):
        assert Connection.objects.filter(connector="spreadsheet").count() == 1


def test_its_card_leads_to_the_files_and_shows_no_access(company: Company):
    client = client_of(company)
    made = add(client, company)

    page = client.get("/connections/").content.decode()

    assert f'href="/files/{made.pk}/"' in page
    assert "Files on this platform" in page


def test_a_program_does_what_the_pages_do(company: Company):
    made = add(client_of(company), company)
    program = Program(company.organization, user=company.owner)
    headers = {"Authorization": f"Bearer {program.text}"}
    form = {"connection": str(made.pk), "kind": "products"}

    def send_file(content: bytes, **more: str) -> Any:
        data = {**form, **more, "file": SimpleUploadedFile("a.csv", content)}
        return Client().post("/api/v1/files/", data, headers=headers)

    sent = send_file(PRODUCTS_CSV).json()
    path = f"files/{sent['sheet']['id']}/"
    columns = {**sent["sheet"]["columns"], "sku": "Artikelnummer", "name": "Omschrijving"}
    taken = program.call("POST", f"{path}take/", {"columns": columns}).json()

    assert sent["taken"] is None
    assert program.get(f"{path}look/")["headers"][0] == "Artikelnummer"
    assert (taken["new"], taken["runs"]) == (3, [])
    assert send_file(PRODUCTS_CSV.replace(b"59,9", b"1,0")).json()["taken"]["changed"] == 1
    assert send_file(b"").status_code == 400
    assert send_file(PRODUCTS_CSV, kind="prices").status_code == 400
    assert send_file(BOMB).json()["error"]["code"] == "file.too_large"
    assert program.call("GET", f"{path}download/").content.startswith(b"Artikelnummer;")
    assert program.get("files/")["results"][0]["row_count"] == 3
    assert program.call("DELETE", path).status_code == 204
    reader = Program(company.organization, "connections:read", user=company.owner)
    assert reader.call("GET", f"{path}download/").status_code == 403


def test_a_file_goes_after_its_time_and_its_rows_stay(company: Company):
    client = client_of(company)
    made = add(client, company)
    send(client, made, PRODUCTS_CSV)
    sheet = sheet_of(company)
    client.post(f"/files/sheets/{sheet.pk}/", COLUMNS)
    with inside(company.organization):
        Sheet.objects.update(uploaded_at=timezone.now() - timedelta(days=3))
    company.organization.log_days = 2
    shorten(company.organization)

    purge_expired(company.organization)

    assert "The file itself is no longer kept." in client.get(f"/files/sheets/{sheet.pk}/").content.decode()
    with inside(company.organization):
        assert SheetRow.objects.count() == 3
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stream(company.organization))))
    rows = [json.loads(line) for line in archive.read("sheet_rows.jsonl").splitlines()]
    assert {row["content"]["cells"]["sku"] for row in rows} == {"LMP-1", "LMP-2", "BK-7"}
    erase(company.organization)
    with platform_context():
        assert not SheetRow.unscoped.exists()


def test_a_row_that_cannot_be_read_leads_to_the_files(company: Company):
    made = add(client_of(company), company)
    with inside(company.organization):
        flow = make_flow("products", source=made, target=company.visma_net)

        link = fix_link(flow, "file.cell")

    assert (link.text, link.url) == ("Correct the file and upload it again", f"/files/{made.pk}/")


def test_who_looks_for_a_person_is_told_of_the_sheets_that_name_them(company: Company):
    client = client_of(company)
    made = add(client, company)
    rows = b"Klantnummer;Naam;E-mail\nK-1;Atelier;Info@Atelier.example\nK-2;Ander;iemand@ander.example\n"
    send(client, made, rows, kind="customers")
    client.post(
        f"/files/sheets/{sheet_of(company).pk}/",
        {
            "decimal": ",",
            "delimiter": ";",
            "encoding": "utf-8",
            "header_line": "1",
            "column-number": "Klantnummer",
            "column-name": "Naam",
            "column-email": "E-mail",
        },
    )

    found = client.get("/log/", {"q": "info@atelier.example"}).content.decode()
    other = client.get("/log/", {"q": "nobody@atelier.example"}).content.decode()

    assert "Also in 1 row of the sheet “Customers” of Our lists." in found
    assert f"/files/{made.pk}/" in found
    assert "Also in" not in other
