"""The mapping editor, as a person works in it."""

from __future__ import annotations

from django.test import Client

from connectors.maps import FieldMap
from flows.maps.changes import FieldPlace, find_field
from flows.maps.drafts import draft_state
from tests.dashboard.company import Company
from tests.factories import inside

NAME = "products||name"
RAW = {
    "organization": {"baseCurrency": "EUR"},
    "inventoryNumber": "VV-77",
    "description": "Vloerlamp Lund, eik",
    "status": "Active",
    "type": "FinishedGoodItem",
    "defaultPrice": 339.0,
    "vatCode": {"id": "BE21"},
    "body": "<p>Massief eik</p>",
    "lastModifiedDateTime": "2026-11-19T14:08:33.12",
}


def page_of(company: Company, query: str = "") -> str:
    return f"/flows/{company.products.pk}/map/{query}"


def edit(client: Client, company: Company, do: str, *, place: str = NAME, query: str = "", **values: object):
    data = {"place": place, "version": draft_of(company).version, "do": do, **values}
    return client.post(page_of(company, f"edit/{query}"), data)


def draft_of(company: Company):
    with inside(company.organization):
        return draft_state(type(company.products).objects.get(pk=company.products.pk))


def field_of(company: Company, target: str = "name") -> FieldMap | None:
    return find_field(draft_of(company).maps, FieldPlace("products", "", target))


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()
