"""A seeded account of the fake Teamleader, and who calls it."""

from __future__ import annotations

import pytest

from apicenter.organizations.models import Organization
from connectors.sandbox import services
from connectors.sandbox.models import Account
from tests.connectors.sandbox.caller import Caller


@pytest.fixture
def call(db: None) -> Caller:
    organization = Organization.objects.create(name="Lumière")
    account = services.open_account(organization, Account.System.TEAMLEADER)
    services.set_options(account, limit_calls=10_000)
    return Caller(account)
