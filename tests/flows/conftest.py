"""Fixtures for what must be opened and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow
from tests.flows.live import Company, live_company
from tests.flows.memory import Memory, make_flow
from tests.flows.shelf import Shelf, make_authorised_flow, use_shelf


@pytest.fixture
def company(transactional_db: None, tmp_path: Path, env: Callable[..., None]) -> Iterator[Company]:
    with live_company(tmp_path, env) as company:
        yield company


@pytest.fixture
def flow(db: None) -> Iterator[Flow]:
    """A flow of products between two systems in memory."""
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield make_flow()


@pytest.fixture
def left() -> Memory:
    """What the flow reads."""
    return Memory()


@pytest.fixture
def right() -> Memory:
    """Where it writes."""
    return Memory()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return use_shelf(monkeypatch)


@pytest.fixture
def shelf_flow(db: None, shelf: Shelf) -> Iterator[Flow]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield make_authorised_flow()
