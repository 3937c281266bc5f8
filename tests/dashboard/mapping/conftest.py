"""A company with a record to map, and its owner at the editor."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.dashboard.company import Company, make_company
from tests.dashboard.mapping.editor import RAW
from tests.dashboard.people import signed_in
from tests.factories import inside, make_record, make_run, make_table


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        make_table(company.products, "vat", {"BE21": "high", "BE6": "low"})
        make_record(make_run(company.products, minutes_ago=1), "VV-77", source=RAW, label="Vloerlamp Lund, eik")
    return company


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)
