"""On PostgreSQL the dump and its way back pass row-level security, as the owner of the tables and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from apicenter.organizations.models import Organization
from connectors.models import Connection
from tests.factories import inside, make_connection

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its own in tests/flows/test_backup.py"),
]


def test_what_was_there_comes_back_behind_its_wall(tmp_path: Path):
    organization = Organization.objects.create(name="Ours")
    with inside(organization):
        make_connection()
    call_command("backup", str(tmp_path / "kept"), verbosity=0)
    with inside(organization):
        Connection.objects.all().delete()

    call_command("restore", str(tmp_path / "kept"), "--yes", verbosity=0)

    with inside(organization):
        assert Connection.objects.count() == 1
    assert Connection.unscoped.count() == 0
