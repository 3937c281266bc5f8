"""The second wall: what PostgreSQL itself says when a query forgets whose rows it may touch."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.models.signals import pre_migrate

from apicenter.organizations.models import Organization
from apicenter.row_security import check_role, walled_models
from apicenter.tenancy import organization_context, platform_context
from connectors.models import Connection
from tests.factories import inside

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.services,
    pytest.mark.skipif("sqlite" in connection.vendor, reason="SQLite has no row-level security"),
]
TABLE = Connection._meta.db_table


@pytest.fixture
def ours() -> Organization:
    return organization_with_connection("Ours")


@pytest.fixture
def theirs() -> Organization:
    return organization_with_connection("Theirs")


def organization_with_connection(name: str) -> Organization:
    organization = Organization.objects.create(name=name)
    with inside(organization):
        Connection.objects.create(connector="teamleader", name=name)
    return organization


def names_in_table() -> set[str]:
    """What a query written by hand sees, without any filter."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM {TABLE}")
        return {name for (name,) in cursor.fetchall()}


def test_a_query_by_hand_sees_the_rows_of_the_organization_in_context_only(ours: Organization, theirs: Organization):
    with organization_context(ours.pk):
        assert names_in_table() == {"Ours"}
        with organization_context(theirs.pk):
            assert names_in_table() == {"Theirs"}
        assert names_in_table() == {"Ours"}


def test_without_an_organization_nothing_is_seen_and_for_the_platform_everything(
    ours: Organization, theirs: Organization
):
    assert names_in_table() == set()
    with platform_context():
        assert names_in_table() == {"Ours", "Theirs"}


def test_a_row_cannot_be_given_to_another_organization(ours: Organization, theirs: Organization):
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with organization_context(ours.pk), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET organization_id = %s", [theirs.pk])


def test_a_rolled_back_transaction_does_not_leave_the_door_open(ours: Organization, theirs: Organization):
    with organization_context(ours.pk):
        assert names_in_table() == {"Ours"}
    try:
        with transaction.atomic(), platform_context():
            assert names_in_table() == {"Ours", "Theirs"}
            raise ZeroDivisionError
    except ZeroDivisionError:
        assert names_in_table() == set()
    with organization_context(theirs.pk):
        assert names_in_table() == {"Theirs"}


def test_every_table_of_organizations_is_guarded_and_nobody_here_stands_above():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        guarded = {name for (name,) in cursor.fetchall()}

    assert {model._meta.db_table for model in walled_models()} <= guarded
    assert check_role(databases=["default"]) == []


def test_a_migration_reaches_the_rows_of_every_organization(ours: Organization, theirs: Organization):
    seen: set[str] = set()

    def look(**_kwargs: object) -> None:
        seen.update(names_in_table())

    pre_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0, run_syncdb=False)
    finally:
        pre_migrate.disconnect(look)

    assert seen == {"Ours", "Theirs"}
