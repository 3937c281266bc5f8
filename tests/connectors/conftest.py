"""What connections stand on in tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import respx

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.models import Connection
from tests.connectors.fake_connector import make_organization, use_fakes
from tests.connectors.token_server import make_authorised


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    organization = make_organization()
    with organization_context(organization.id):
        yield organization


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def connection(organization: Organization) -> Connection:
    return make_authorised(organization)
