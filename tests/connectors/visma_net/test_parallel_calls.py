"""How many calls go out to one company side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import respx
from django.conf import settings

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.models import Connection
from connectors.services import open_connector

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(router: respx.MockRouter) -> None:
    router.post(f"{settings.ENV.VISMA_CONNECT_URL}/connect/token").respond(json={"access_token": "t"})


def meet(count: int) -> bool:
    """Whether so many calls to one company are ever under way at once."""
    organization = Organization.objects.create(name="Ours")
    place = threading.Barrier(count)

    def call(_number: int) -> bool:
        try:
            place.wait(timeout=0.3)
        except threading.BrokenBarrierError:
            return False
        return True

    with organization_context(organization.pk):
        books = Connection.objects.create(organization=organization, connector="visma_net", name="Books")
        with open_connector(books) as connector:
            return all(connector.api.overlap(call, range(count)))


def test_two_calls_go_out_side_by_side_and_no_more():
    assert meet(2)
    assert not meet(3)


@pytest.mark.parametrize(("parallel", "threads", "most"), [(5, 6, 5), (5, 4, 4)])
def test_an_installation_may_say_otherwise(env: Callable[..., None], parallel: int, threads: int, most: int):
    env(VISMA_NET_PARALLEL_CALLS=parallel, CALL_THREADS=threads)

    assert meet(most)
    assert not meet(most + 1)
