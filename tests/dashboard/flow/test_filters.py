"""Which records a flow sends, tried on real ones before it is saved."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.errors import RemoteUnavailable
from apicenter.organizations.models import AuditEntry
from flows.models import Flow
from tests.dashboard.flow.pages import address, text_of
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.django_db


def boxes(field: str = "sku", op: str = "starts_with", value: str = "L", **more: str) -> dict[str, str]:
    return {"join": "and", "g0-join": "and", "g0-r0-field": field, "g0-r0-op": op, "g0-r0-value": value, **more}


def test_a_filter_is_tried_on_real_records_before_it_is_saved(client: Client, flow: Flow, records: None):
    part = client.post(
        address(flow, "filters/try/"), boxes(part="hits"), headers={"hx-request": "true"}
    ).content.decode()

    assert "<b>2</b> of the last 3 records pass" in part
    assert part.index("L2") < part.index("X1")
    assert Flow.objects.get().filters is None


def test_a_filter_is_saved_and_shown_again(client: Client, flow: Flow, records: None):
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "save"})

    page = text_of(client, address(flow, "filters/"))
    assert 'value="L"' in page
    assert "SKU starts with “L”" in text_of(client, address(flow))
    assert AuditEntry.objects.get(action="flow.filters_changed").after == {"filter": "SKU starts with “L”"}


def test_a_row_is_added_without_javascript_and_keeps_what_was_entered(client: Client, flow: Flow, records: None):
    page = client.post(address(flow, "filters/try/"), {**boxes(), "do": "add-row:0"}).content.decode()

    assert "<html" in page
    assert 'value="L"' in page
    assert 'name="g0-r1-field"' in page


def test_a_wrong_row_is_told_and_nothing_is_saved(client: Client, flow: Flow, records: None):
    page = client.post(address(flow, "filters/save/"), boxes(op="matches", value="(")).content.decode()

    assert "This pattern cannot be read." in page
    assert 'aria-invalid="true"' in page
    assert Flow.objects.get().filters is None


def test_a_filter_is_cleared(client: Client, flow: Flow, records: None):
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "save"})
    client.post(address(flow, "filters/save/"), {**boxes(), "do": "clear"})

    assert Flow.objects.get().filters is None


def test_a_system_that_is_away_leaves_the_filter_as_it_is(client: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch):
    def fail(source: object) -> list[object]:
        raise RemoteUnavailable(system="Memory")

    monkeypatch.setattr(Shelf.sources["products"], "fields", fail)

    page = client.post(address(flow, "filters/save/"), boxes()).content.decode()

    assert "Memory cannot be reached at the moment." in page
    assert Flow.objects.get().filters is None
