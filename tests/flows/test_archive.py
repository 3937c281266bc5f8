"""Taking everything along: complete, readable, without secrets."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.apps import apps

from apicenter.organizations.models import Organization
from apicenter.tenancy import NoOrganization, TenantModel, current_organization_id
from connectors.models import Connection
from flows import archive
from flows.archive import LEFT_OUT, PARTS, stream
from tests.dashboard.company import Company, make_company
from tests.factories import inside

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        connection = Connection.objects.get(pk=company.visma_net.pk)
        connection.store_secrets({"client_id": "our-client", "client_secret": "TOPSECRET"})
        connection.settings = {"tenant_id": "t-1", "some_token": "TOPSECRET"}
        connection.save()
    return company


def opened(organization: Organization) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(stream(organization))))


def json_lines(file: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read(name).splitlines()]


def test_every_row_of_an_organization_is_in_it_or_left_out_with_a_reason():
    owned = {model._meta.label_lower for model in apps.get_models() if issubclass(model, TenantModel)}

    assert owned == {part.model._meta.label_lower for part in PARTS} | LEFT_OUT.keys()


def test_the_file_is_whole_and_has_all_parts(company: Company):
    file = opened(company.organization)

    assert file.testzip() is None
    assert file.namelist() == ["organization.json", *(part.name for part in PARTS)]
    assert json.loads(file.read("organization.json"))["name"] == "Verhaegen Licht"


def test_log_rows_are_opened(company: Company):
    rows = {row["natural_key"]: row for row in json_lines(opened(company.organization), "log.jsonl")}

    sent = rows["VV-1042-BRS"]
    assert sent["received"]["description"] == "hanglamp Arca 40, messing"  # type: ignore[index]
    assert sent["exchange"]["answer"] == {"status": 204}  # type: ignore[index]


def test_no_secret_is_in_it(company: Company):
    file = opened(company.organization)

    everything = "".join(file.read(name).decode() for name in file.namelist())
    assert "TOPSECRET" not in everything
    assert "very-secret" not in everything
    assert "t-1" in everything


def test_tables_open_in_a_spreadsheet_without_running_anything(company: Company):
    with inside(company.organization):
        company.vat.rows.update(value="=cmd()")

    rows = list(csv.DictReader(io.StringIO(opened(company.organization).read("pairs.csv").decode())))

    assert [row["value"] for row in rows if row["table_id"] == str(company.vat.pk)] == ["'=cmd()"] * 3


def test_pages_of_rows_come_one_after_the_other(company: Company, monkeypatch: pytest.MonkeyPatch):
    whole = json_lines(opened(company.organization), "log.jsonl")
    monkeypatch.setattr(archive, "PAGE", 2)

    assert json_lines(opened(company.organization), "log.jsonl") == whole


def test_nothing_of_another_organization_is_in_it(company: Company):
    make_company("other@example.com", name="Other ZZ", mark="ZZ")

    file = opened(company.organization)

    assert not [name for name in file.namelist() if b"ZZ" in file.read(name)]


def test_between_two_pieces_no_organization_is_in_context(company: Company):
    pieces = stream(company.organization)
    next(pieces)

    with pytest.raises(NoOrganization):
        current_organization_id()


def test_the_map_of_data_names_every_table_of_an_organization():
    """docs/privacy.md says of each table what is in it, how long it stays and what protects it."""
    text = (Path(__file__).resolve().parents[2] / "docs/privacy.md").read_text()

    named = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)`", text, re.M))

    assert named == {model._meta.label_lower for model in apps.get_models() if issubclass(model, TenantModel)}
