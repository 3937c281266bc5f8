"""The whole site on a socket of this process, so that a view may call the sandbox that the same site serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from apicenter.organizations.models import Organization
from apicenter.wsgi import application
from flows.models import Flow
from tests.connectors.file_database import Snapshot, file_database
from tests.factories import inside
from tests.flows.live import served

FLOWS = "/setup/sandbox/flows/"
QUESTIONS = "/setup/sandbox/questions/"
PRODUCTS_AND_ORDERS = {
    "products-is_on": "on",
    "products-every": "15",
    "orders-is_on": "on",
    "orders-every": "",
    "orders-start": "2025-12-01",
}
SETTINGS = {
    "settings-orders-order_type": "SO",
    "settings-orders-missing_product": "block",
    "settings-orders-send_as": "sales_order",
    "settings-orders-sends_when": "deal_won",
    "settings-orders-mutation_type": "recommended",
    "settings-orders-mutation_status": "on_hold",
    "settings-orders-totals_tolerance": "0.05",
    "settings-orders-branch_table": "on",
    "settings-orders-default_credit_terms_table": "on",
    "settings-orders-ladder_0": "vat_number",
    "settings-orders-ladder_1": "email",
}


@contextmanager
def served_site(path: Path, env: Callable[..., None], *, original: Snapshot | None = None) -> Iterator[str]:
    """Serve pages, static files and the sandbox; give the address, which the site then takes for its own."""
    with file_database(path, original=original), pytest.MonkeyPatch.context() as patch:
        call_command("createcachetable", verbosity=0)
        reverse("dashboard:overview")  # reads the addresses now: a test may switch the sandbox off later
        patch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # its threads leave no connection open
        with served(StaticFilesHandler(application), threads=6) as address:
            env(SITE_URL=address, SANDBOX_URL=f"{address}/sandbox", CALL_THREADS=2)
            patch.setattr(settings, "SITE_URL", address)
            yield address


def text_of(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def connect_demo(client: Client) -> None:
    assert client.post("/setup/systems/")["Location"] == "/setup/sandbox/authorise/"


def choose_flows(client: Client) -> None:
    connect_demo(client)
    assert client.post(FLOWS, PRODUCTS_AND_ORDERS)["Location"] == QUESTIONS


def answer_all(client: Client) -> None:
    """Confirm every suggestion, and choose the first counterpart wherever one is needed."""
    client.post("/setup/sandbox/questions/confirm/")
    for flow in client.get(QUESTIONS).context["asked"]:
        for table in flow.tables:
            answers = {row.name: table.options[0].value for row in table.rows if row.is_open and table.is_needed}
            if answers:
                client.post(f"/setup/tables/{table.table.pk}/", answers)


def settings_of(organization: Organization) -> tuple[str, Flow]:
    with inside(organization):
        flow = Flow.objects.get(kind="orders")
    return f"/setup/flows/{flow.pk}/settings/", flow
