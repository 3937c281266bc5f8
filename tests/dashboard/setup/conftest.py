"""An organization on a site that answers, and its owner's browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from apicenter.organizations.models import Organization
from tests.connectors.file_database import Snapshot, snapshot
from tests.dashboard.people import signed_in
from tests.dashboard.setup_site import choose_flows, served_site
from tests.factories import make_organization, make_user

_chosen: list[Snapshot] = []  # connecting and choosing takes a while: it is done once per process


@pytest.fixture
def flows_chosen() -> None:
    """Let the organization begin with the demo connected and its flows chosen: see `organization`."""


@pytest.fixture
def organization(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path, env: Callable[..., None]
) -> Iterator[Organization]:
    """One that has done nothing yet, or, for a test that uses `flows_chosen`, has chosen its flows."""
    has_chosen = "flows_chosen" in request.fixturenames
    with served_site(tmp_path, env, original=_chosen[0] if has_chosen and _chosen else None):
        organization = Organization.objects.first() or make_organization(owner=make_user())
        if has_chosen and not _chosen:
            choose_flows(signed_in(organization.members.get()))
            _chosen.append(snapshot())
        yield organization


@pytest.fixture
def client(organization: Organization) -> Client:
    return signed_in(organization.members.get())
