"""What is kept, for how long, and that it is really gone afterwards. The map of all data: docs/privacy.md."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.utils import timezone

from apicenter.crypto import Undecryptable
from apicenter.organizations.models import Organization
from flows.erasure import erase
from flows.models import RunRecord
from tests.connectors.file_database import file_database
from tests.factories import inside, make_connection, make_flow, make_organization, make_record, make_run, make_user

ROOT = Path(__file__).resolve().parents[2]
NAME, NUMBER = "Wilhelmina Planted-Janssens", "PLANTED-2026/77"
FILE_ONLY = pytest.mark.skipif(database.vendor != "sqlite", reason="reads the bytes of SQLite's file")


def company_with_record() -> Organization:
    organization = make_organization(owner=make_user("owner@example.com"))
    with inside(organization):
        flow = make_flow("orders", source=make_connection("teamleader"), target=make_connection("visma_net"), maps={})
        make_record(make_run(flow), NUMBER, label=NAME, source={"name": NAME}, exchange={"sent": {"name": NAME}})
    return organization


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("test.sqlite3"))


@FILE_ONLY
@pytest.mark.django_db(transaction=True)
def test_a_purged_record_is_gone_from_the_bytes_of_the_file(tmp_path: Path):
    with file_database(tmp_path):
        organization = company_with_record()
        assert NAME.encode() in bytes_on_disk(tmp_path)
        with database.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = OFF")  # some builds of SQLite wipe by themselves, others do not
        with inside(organization):
            RunRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        call_command("purge_logs", "--compact", verbosity=0)

        left = bytes_on_disk(tmp_path)
        database.close()
    assert NAME.encode() not in left
    assert NUMBER.encode() not in left


@FILE_ONLY
@pytest.mark.django_db(transaction=True)
def test_a_deleted_company_is_gone_from_the_bytes_of_the_file(tmp_path: Path):
    with file_database(tmp_path):
        organization = company_with_record()
        key = bytes(organization.data_key)
        assert key in bytes_on_disk(tmp_path)

        erase(organization)
        call_command("purge_logs", "--compact", verbosity=0)

        left = bytes_on_disk(tmp_path)
        database.close()
    assert key not in left
    assert NAME.encode() not in left


def test_without_its_key_nothing_of_a_company_can_be_read(db: None):
    """What a backup still holds of a deleted company is worth nothing without the key that went."""
    organization = company_with_record()
    with inside(organization):
        record = RunRecord.objects.get()
        assert record.read_source() == {"name": NAME}
        assert NAME.encode() not in bytes(record.source)

        other = Organization(name="New key", id=organization.pk)
        other.data_key = Organization.objects.create(name="Other").data_key
        with pytest.raises(Undecryptable):
            _ = other.vault


def test_no_page_loads_anything_from_elsewhere():
    """Nothing leaves for third parties: no address of another host in what a browser loads."""
    loads = re.compile(r"<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//")

    found = [str(path) for path in (ROOT / "templates").rglob("*.html") if loads.search(path.read_text())]

    assert found == []
