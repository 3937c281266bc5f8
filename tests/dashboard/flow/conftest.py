"""A flow between two systems in memory, and its owner at its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client

from apicenter.tenancy import organization_context
from flows.models import Flow, Run
from flows.services import start_run
from tests.dashboard.flow.pages import client_of, work
from tests.factories import make_organization, make_user
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, make_authorised_flow, use_shelf


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return use_shelf(monkeypatch)


@pytest.fixture
def flow(db: None, shelf: Shelf) -> Iterator[Flow]:
    """A flow between two systems in memory, so that nothing here needs a network."""
    call_command("createcachetable", verbosity=0)
    organization = make_organization(owner=make_user())
    with organization_context(organization.pk):
        yield make_authorised_flow()


@pytest.fixture
def client(flow: Flow) -> Client:
    return client_of(flow.organization)


@pytest.fixture
def records(flow: Flow, shelf: Shelf) -> None:
    shelf.rows = [make_row(code, minutes=number) for number, code in enumerate(["L1", "L2", "X1"])]
    start_run(flow, Run.Trigger.MANUAL)
    work()
