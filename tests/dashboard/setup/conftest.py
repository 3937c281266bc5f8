"""An organization on a site that answers, and its owner's browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from apicenter.organizations.models import Organization
from tests.dashboard.setup_site import served_site, signed_in
from tests.factories import make_organization, make_user


@pytest.fixture
def organization(transactional_db: None, tmp_path: Path, env: Callable[..., None]) -> Iterator[Organization]:
    with served_site(tmp_path, env):
        yield make_organization(owner=make_user())


@pytest.fixture
def client(organization: Organization) -> Client:
    return signed_in(organization.members.get())
