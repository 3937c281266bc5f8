"""A flow, and a connector in memory on each side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow
from tests.flows.memory import Memory, make_flow


@pytest.fixture
def flow() -> Iterator[Flow]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield make_flow()


@pytest.fixture
def left() -> Memory:
    return Memory()


@pytest.fixture
def right() -> Memory:
    return Memory()
