"""A seeded account of each fake, made once for all tests of a module, and who calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apicenter.organizations.models import Organization
from connectors.sandbox import services
from connectors.sandbox.models import Account
from tests.connectors.sandbox.caller import Caller
from tests.connectors.sandbox.company import Company, caller_of
from tests.standing import standing


@pytest.fixture(scope="module")
def teamleader(request: pytest.FixtureRequest) -> Iterator[int]:
    """The key of a seeded account of the fake Teamleader."""
    with standing(request, of=lambda: open_account("Lumière", Account.System.TEAMLEADER)) as key:
        yield key


@pytest.fixture(scope="module")
def visma_net(request: pytest.FixtureRequest) -> Iterator[int]:
    """The key of a seeded account of the fake Visma.net."""
    with standing(request, of=lambda: open_account("Lichtlys", Account.System.VISMA_NET)) as key:
        yield key


@pytest.fixture
def call(teamleader: int, db: None) -> Caller:
    account = Account.unscoped.get(pk=teamleader)
    services.set_options(account, limit_calls=10_000)
    return Caller(account)


@pytest.fixture
def company(visma_net: int, db: None) -> Company:
    return caller_of(Account.unscoped.get(pk=visma_net))


def open_account(name: str, system: Account.System) -> int:
    return services.open_account(Organization.objects.create(name=name), system).pk
