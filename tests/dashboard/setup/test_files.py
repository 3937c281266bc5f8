"""The set-up with a spreadsheet in place of one system."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apicenter.organizations.models import Organization
from connectors.models import Connection, Sheet
from flows.models import Flow, ValueTable
from tests.connectors.spreadsheet.files import PRODUCTS_CSV
from tests.dashboard.setup_site import connect_demo, text_of
from tests.factories import inside

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_spreadsheet_goes_through_the_same_steps(client: Client, organization: Organization):
    connect_demo(client)
    with inside(organization):
        focus = Connection.objects.get(connector="teamleader")
    client.post("/files/new/", {"partner": str(focus.pk)})
    with inside(organization):
        made = Connection.objects.get(connector="spreadsheet")
    client.post(f"/files/{made.pk}/upload/products/", {"file": SimpleUploadedFile("a.csv", PRODUCTS_CSV)})
    with inside(organization):
        sheet = Sheet.objects.get()
    sent = {**sheet.choices, **{f"column-{name}": heading for name, heading in sheet.columns.items()}}
    client.post(f"/files/sheets/{sheet.pk}/", sent)

    assert "Files that you upload" in text_of(client, f"/setup/{made.pk}/authorise/")
    offered = text_of(client, f"/setup/{made.pk}/flows/")
    answer = client.post(f"/setup/{made.pk}/flows/", {"products-is_on": "on", "products-every": ""})

    assert "Each record of the file you upload is sent." in offered
    assert "Each record is written to a sheet" in offered  # orders and customers of the CRM
    assert answer["Location"] == f"/setup/{made.pk}/questions/"
    with inside(organization):
        flow = Flow.objects.get()
        assert (flow.source, flow.target, flow.state) == (made, focus, Flow.State.DRAFT)
        rows = ValueTable.objects.get(flow=flow, name="vat").rows
        assert set(rows.values_list("key", flat=True)) == {"21", "6"}
    assert "21 %" in text_of(client, f"/setup/{made.pk}/questions/")
    assert client.post(f"/setup/{made.pk}/test/").status_code == 302
    assert "LMP-1" in text_of(client, f"/setup/{made.pk}/test/")
    assert "good" in text_of(client, f"/setup/{made.pk}/readiness/{flow.pk}/")
    assert client.get("/setup/production/flows/").status_code == 302  # the pair of systems is a set-up of its own


def test_orders_of_the_crm_can_be_written_to_a_sheet(client: Client, organization: Organization):
    connect_demo(client)
    with inside(organization):
        focus = Connection.objects.get(connector="teamleader")
    client.post("/files/new/", {"partner": str(focus.pk)})
    with inside(organization):
        made = Connection.objects.get(connector="spreadsheet")

    client.post(f"/setup/{made.pk}/flows/", {"orders-is_on": "on", "orders-every": "60", "orders-start": "2025-12-01"})

    with inside(organization):
        flow = Flow.objects.get()
        assert set(ValueTable.objects.filter(flow=flow).values_list("name", flat=True)) == {"vat"}
    assert client.get(f"/setup/{made.pk}/questions/").status_code == 200
    assert client.get(f"/flows/{flow.pk}/settings/").status_code == 200
    assert client.get(f"/flows/{flow.pk}/map/").status_code == 200
