"""The tenant wall: no organization, no rows; and nobody looks over it who need not."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError

from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import (
    NoOrganization,
    TenantModel,
    current_organization_id,
    organization_context,
    platform_context,
)
from connectors.models import Connection
from flows.models import Flow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("apicenter", "connectors", "flows", "dashboard")
MAY_LOOK_OVER_THE_WALL = {
    "apicenter/tenancy.py",  # where it is built
    "apicenter/api/tokens.py",  # a token is what says which organization a caller belongs to
    "apicenter/notifications/due.py",  # ids of organizations with something to look at or to send
    "connectors/management/commands/sandbox.py",  # the operator names the organization, or there is only one
    "connectors/sandbox/front.py",  # the fakes know a caller by its token only, as the real systems do
    "connectors/sandbox/services.py",
    "connectors/sandbox/teamleader/oauth.py",
    "connectors/sandbox/tokens.py",
    "connectors/webhook_addresses.py",  # so does the secret in the address that a system calls
    "flows/triggers/hints.py",  # what hints of every organization wait for
    "flows/reconciling/nightly.py",  # the nightly comparisons of every organization
    "flows/triggers/instant.py",  # what should stand at the systems of every organization
    "flows/triggers/hooks.py",  # so does the secret in an address that starts a flow
    "dashboard/setup/inquiries.py",  # whoever answers by a link is known by the link only
    "flows/watching/platform_counts.py",  # numbers over all organizations, without a name or an id
    "flows/watching/watchdog.py",  # whether anybody's work or letters are late
    "flows/running/queue.py",  # ids of due work of every organization, for the workers
    "flows/running/clock.py",  # what a wrong clock has put off, of whichever organization
    "flows/services.py",  # the schedule of every organization
}


@pytest.fixture
def ours(db: None) -> Organization:
    return Organization.objects.create(name="Ours")


@pytest.fixture
def theirs(db: None) -> Organization:
    return Organization.objects.create(name="Theirs")


def make_connection(organization: Organization, name: str) -> Connection:
    with organization_context(organization.pk):
        return Connection.objects.create(connector="teamleader", name=name)


def uses_unscoped(path: Path) -> bool:
    attributes = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    return bool(attributes & {"unscoped", "_base_manager"})


def test_only_these_modules_look_over_the_wall():
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and uses_unscoped(path)
    }

    assert found == MAY_LOOK_OVER_THE_WALL - {"apicenter/tenancy.py"}


def test_every_model_with_an_organization_stands_behind_the_wall():
    outside = {
        model.__name__
        for model in apps.get_models()
        if not issubclass(model, TenantModel)
        and any(field.name == "organization" for field in model._meta.get_fields() if not field.auto_created)
    }

    assert outside == set()


@pytest.mark.parametrize(
    "model", [model for model in apps.get_models() if issubclass(model, TenantModel)], ids=lambda model: model.__name__
)
def test_a_query_without_an_organization_raises(model: type[TenantModel]):
    with pytest.raises(NoOrganization):
        model.objects.all()


def test_a_row_without_an_organization_cannot_be_made():
    with pytest.raises(NoOrganization):
        Connection(connector="teamleader", name="nobody's")


def test_only_the_rows_of_the_organization_in_context_are_seen(ours: Organization, theirs: Organization):
    mine, other = make_connection(ours, "ours"), make_connection(theirs, "theirs")

    with organization_context(ours.pk):
        assert list(Connection.objects.all()) == [mine]
        assert not Connection.objects.filter(pk=other.pk).exists()
        assert not Connection.objects.filter(pk=other.pk).update(name="taken")
        assert Connection.objects.all().delete()[0] == 1

    with platform_context():
        assert Connection.unscoped.get().name == "theirs"


def test_related_rows_are_behind_the_wall_too(ours: Organization, theirs: Organization):
    connection = make_connection(ours, "ours")
    with organization_context(ours.pk):
        Flow.objects.create(kind="products", name="ours", source=connection, target=connection)

    with organization_context(theirs.pk):
        assert not connection.flows_out.exists()


def test_contexts_nest_and_the_outer_one_comes_back(ours: Organization, theirs: Organization):
    with organization_context(ours.pk):
        with suppress(ZeroDivisionError), organization_context(theirs.pk):
            assert current_organization_id() == theirs.pk
            raise ZeroDivisionError
        assert current_organization_id() == ours.pk

    with pytest.raises(NoOrganization):
        current_organization_id()


def test_a_new_row_belongs_to_the_organization_in_context(ours: Organization):
    with organization_context(ours.pk):
        assert Connection(connector="teamleader", name="x").organization_id == ours.pk


def test_a_person_has_one_place_in_an_organization(ours: Organization):
    user = User.objects.create_user("sofie@example.com", "long enough to pass")
    with organization_context(ours.pk):
        Membership.objects.create(user=user, organization=ours)

        with pytest.raises(IntegrityError):
            Membership.objects.create(user=user, organization=ours)
