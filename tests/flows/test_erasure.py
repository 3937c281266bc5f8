"""Deleting an organization leaves nothing of it, and nothing else is touched."""

from __future__ import annotations

import pytest
from django.apps import apps

from apicenter.organizations.models import Organization, User
from apicenter.tenancy import TenantModel, platform_context
from connectors.models import Lane
from connectors.sandbox import services as sandbox
from connectors.sandbox.models import Thing
from flows.erasure import erase
from flows.models import Run
from tests.dashboard.company import Company, make_company
from tests.factories import inside, make_connection, make_flow, make_run

pytestmark = pytest.mark.django_db
OWNED = [model for model in apps.get_models() if issubclass(model, TenantModel)]


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        make_run(company.orders, state=Run.State.RUNNING, phase=Run.Phase.READ, minutes_ago=0)
    return company


def rows_of(organization_id: object) -> dict[str, int]:
    with platform_context():
        counts = {model.__name__: model.unscoped.filter(organization_id=organization_id).count() for model in OWNED}
    return {name: count for name, count in counts.items() if count}


def test_nothing_of_it_is_left(company: Company):
    pk = company.organization.pk
    assert {"Job", "Run", "RunRecord", "Binding", "Membership", "MapVersion"} <= rows_of(pk).keys()

    erase(company.organization)

    assert rows_of(pk) == {}
    assert not Organization.objects.exists()
    assert not Lane.objects.exists()
    assert User.objects.filter(pk=company.owner.pk).exists()


def test_another_organization_keeps_everything(company: Company):
    other = make_company("other@example.com", name="Other")
    before = rows_of(other.organization.pk)

    erase(company.organization)

    assert rows_of(other.organization.pk) == before


def test_a_lane_that_another_organization_calls_in_stays(company: Company):
    other = make_company("other@example.com", name="Other")
    with inside(other.organization):
        make_flow(source=make_connection(lane=company.visma_net.lane))

    erase(company.organization)

    assert Lane.objects.filter(pk=company.visma_net.lane_id).exists()


def test_the_sandbox_goes_with_it(company: Company):
    with inside(company.organization):
        sandbox.open_account(company.organization, "teamleader")

    erase(company.organization)

    assert not Thing.objects.exists()
