"""A company, and a program that may do everything with it."""

from __future__ import annotations

import pytest

from tests.dashboard.api_client import Program
from tests.dashboard.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture
def program(company: Company) -> Program:
    return Program(company.organization, user=company.owner)
