"""A record that waits for another one leads to that one."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.dashboard.company import make_company
from tests.factories import inside, make_record

pytestmark = pytest.mark.django_db


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
