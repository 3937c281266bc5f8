"""Searching the log, turning its pages, taking it home as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from dashboard.export import harmless
from dashboard.log_filter import PAGE
from dashboard.masking import mask_emails, mask_name
from flows.models import Flow, Run, RunRecord
from tests.factories import inside, make_flow, make_held_record, make_organization, make_record, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    owner = make_user()
    organization = make_organization(owner=owner)
    with inside(organization):
        products, orders = make_flow("products"), make_flow("orders", maps={})
        run = make_run(products, tally={"created": 2})
        make_record(run, "VV-1", label="Hanglamp Arca")
        make_record(run, "VV-2", label="Vloerlamp Lund", state=RunRecord.State.UNCHANGED)
        sold = make_run(orders, tally={"created": 1})
        make_record(sold, "2026/1193", target_number="SO004518", label="=cmd|calc")
        make_held_record(sold, "2026/1194", code="customer.missing", params={})
    client = Client()
    client.force_login(owner)
    client.organization = organization  # type: ignore[attr-defined]
    return client


def found(client: Client, query: str) -> set[str]:
    return {record.natural_key for record in client.get(f"/log/?{query}").context["page"].records}


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
        ("q=vv-", {"VV-1", "VV-2"}),
        ("q=lund", {"VV-2"}),
        ("q=SO004518", {"2026/1193"}),
        ("q=key-VV-1", {"VV-1"}),
        ("state=needs_you", {"2026/1194"}),
        ("state=nonsense", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
        ("kind=orders", {"2026/1193", "2026/1194"}),
        ("kind=orders&state=created", {"2026/1193"}),
        ("flow=nonsense&q=VV-1", {"VV-1"}),
        ("q=%27%20OR%201=1--", set()),
        ("q=%00VV-1", {"VV-1"}),
        ("older=nonsense", {"VV-1", "VV-2", "2026/1193", "2026/1194"}),
    ],
)
def test_finds_what_fits(client: Client, query: str, keys: set[str]):
    assert found(client, query) == keys


def test_filters_by_flow_and_by_run(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        flow, run = Flow.objects.get(kind="products"), Run.objects.get(flow__kind="orders")

    assert found(client, f"flow={flow.pk}") == {"VV-1", "VV-2"}
    assert found(client, f"run={run.pk}") == {"2026/1193", "2026/1194"}


def test_the_counts_are_those_of_the_search_whatever_status_is_chosen(client: Client):
    context = client.get("/log/?kind=products&state=created").context

    assert context["total"] == 2
    assert [words for _state, _mark, words in context["counts"]] == ["1 created", "1 unchanged"]


def test_no_hit_says_so_and_offers_the_way_back(client: Client):
    page = client.get("/log/?q=2026%2F0988").content.decode()

    assert "No record with “2026/0988”" in page
    assert "Clear the search" in page


def test_pages_turn_both_ways_without_losing_or_repeating_a_record(client: Client):
    with inside(client.organization):  # type: ignore[attr-defined]
        run = Run.objects.get(flow__kind="products")
        at = run.created_at + timedelta(minutes=1)
        for number in range(PAGE + 20):
            make_record(run, f"NEW-{number:03}", created_at=at)  # one moment: the key decides

    first = client.get("/log/?q=NEW").context["page"]
    second = client.get("/log/", {"q": "NEW", "older": first.older}).context["page"]
    back = client.get("/log/", {"q": "NEW", "newer": second.newer}).context["page"]

    assert (first.newer, second.older) == ("", "")
    assert len({record.pk for record in [*first.records, *second.records]}) == PAGE + 20
    assert [record.pk for record in back.records] == [record.pk for record in first.records]


def test_the_file_holds_what_the_search_finds_and_no_formula(client: Client):
    response = client.get("/log/export/?kind=orders")

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Disposition"].startswith('attachment; filename="log-')
    assert {row[3] for row in rows[1:]} == {"2026/1193", "2026/1194"}
    assert [row[4] for row in rows if row[3] == "2026/1193"] == ["'=cmd|c•••"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_run_is_quoted(cell: str):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Bruno Delattre", "Bruno D•••"),
        ("Van der Meulen Interieur B.V.", "Van d••• M••• I••• B.V."),
        ("bruno.delattre@example.fr", "br•••@example.fr"),
        ("Bruno Delattre, bruno@example.fr", "Bruno D•••, br•••@example.fr"),
        ("10118 Brasserie", "10118 B•••"),
        ("", ""),
    ],
)
def test_names_are_cut_to_what_recognises_them(name: str, masked: str):
    assert mask_name(name) == masked


def test_addresses_are_cut_inside_sentences():
    assert mask_emails("More than one fits “info@example.com”.") == "More than one fits “in•••@example.com”."
