"""A record that waits for another one leads to that one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.needs.cause_groups import groups_of, open_records
from flows.models import RunRecord
from flows.needs.cause_tasks import open_tasks, refresh_tasks
from tests.dashboard.company import make_company
from tests.factories import inside, make_held_record, make_record, make_run

pytestmark = pytest.mark.django_db


def test_an_order_stands_on_the_card_of_the_customer_it_waits_for_and_both_go_with_one_fix():
    company = make_company()
    with inside(company.organization):
        run = make_run(company.orders)
        choices = [{"id": "10001", "label": "10001 Praktijk"}, {"id": "10016", "label": "10016 Praktijk"}]
        params = {"key": "Praktijk", "system": "Visma.net ERP", "candidates": "10001, 10016", "choices": choices}
        who = make_held_record(run, "Praktijk", code="match.ambiguous", params=params, kind="customers")
        waits = {"what": "Praktijk", "dependency": who.source_key}
        orders = [
            make_held_record(run, f"2026/{at}", code="dependency.failed", params=waits, amount=Decimal(100))
            for at in (8, 9)
        ]
        elsewhere = {**waits, "dependency": "somebody else"}
        alone = make_held_record(run, "2026/10", code="dependency.failed", params=elsewhere)
        by_code = {group.code: group for group in groups_of(open_records())}
        refresh_tasks()
        tasks = {task.code: task.record_count for task in open_tasks().values()}
    client = Client()
    client.force_login(company.owner)

    page = client.get("/needs-you/").content.decode()

    assert {row.pk for row in by_code["match.ambiguous"].behind} == {row.pk for row in orders}
    assert by_code["match.ambiguous"].amounts == [(Decimal(200), "")]
    assert [row.pk for row in by_code["dependency.failed"].records] == [alone.pk]
    assert (tasks["match.ambiguous"], tasks["dependency.failed"]) == (3, 1)
    assert "2 records wait only for this and are sent with it" in page
    assert all(f"/log/{row.pk}/" in page for row in orders)

    client.post(reverse("dashboard:choose_match", args=[who.pk]), {"choice": "10016"})

    with inside(company.organization):
        rows = RunRecord.objects.filter(pk__in=[who.pk, *(row.pk for row in orders)])
        assert {row.state for row in rows} == {"waiting"}


def test_what_could_not_be_made_first_is_one_click_away():
    company = make_company()
    with inside(company.organization):
        make_record(company.held.run, "Praktijk", kind="customers", natural_key="Praktijk & Co", state="needs_you")
        behind = make_record(
            company.held.run, "2026/9", state="needs_you", code="dependency.failed", params={"what": "Praktijk & Co"}
        )
    client = Client()
    client.force_login(company.owner)
    link = "/log/?q=Praktijk%20%26%20Co&amp;state=needs_you"

    assert link in client.get("/needs-you/").content.decode()
    assert link in client.get(f"/log/{behind.pk}/").content.decode()
    found = client.get(link.replace("&amp;", "&")).content.decode()

    assert "1 record" in found
    assert "Praktijk" in found
