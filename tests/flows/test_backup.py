"""A backup comes back whole or not at all, and what was sent after it was made is not sent a second time."""

from __future__ import annotations

import base64
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apicenter.organizations.models import Organization
from connectors.sandbox.models import Thing
from flows.demo.company import ORDER_PAIRS
from flows.models import Binding, Flow, Run
from flows.setup.creation import create_flow
from tests.flows.live import Company

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the sandbox is in the database that is replaced"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.backup"


def documents(company: Company, thing: str, name: str) -> Counter[str]:
    return Counter(one.body[name] for one in company.things("visma_net", thing))


def restore_yesterday(file: Path) -> None:
    """Bring the backup back, while the other systems stay as they are today."""
    today = list(Thing.objects.all())
    call_command("restore", str(file), "--yes", verbosity=0)
    Thing.objects.all().delete()
    Thing.objects.bulk_create(today, batch_size=200)


@pytest.mark.parametrize(
    ("kind", "thing", "name"),
    [("orders", "salesorder", "customerRefNo"), ("invoices", "customerinvoice", "customerRefNumber")],
)
def test_what_was_sent_since_the_backup_is_found_and_not_sent_again(
    company: Company, file: Path, kind: str, thing: str, name: str
):
    company.keep_deals("mixed_rates", "sections")
    if kind == "invoices":
        ends = company.connection("teamleader"), company.connection("visma_net")
        create_flow("invoices", *ends, values={"text_line_item": "SRV-10085"}, pairs=ORDER_PAIRS)
    call_command("backup", str(file), verbosity=0)
    company.run(kind)
    sent = documents(company, thing, name)

    restore_yesterday(file)
    assert not Run.objects.exists()
    run = company.run(kind)

    assert sent
    assert documents(company, thing, name) == sent
    assert company.tally(run, kind).created == 0
    assert Binding.objects.filter(kind=kind).count() == len(sent)


def test_a_backup_that_the_present_keys_do_not_open_replaces_nothing(
    company: Company, file: Path, env: Callable[..., None]
):
    call_command("backup", str(file), verbosity=0)
    Organization.objects.update(name="Today")

    env(APICENTER_KEYS="other:" + base64.b64encode(b"k" * 32).decode())
    with pytest.raises(CommandError, match="APICENTER_KEYS"):
        call_command("restore", str(file), "--yes")

    assert Organization.objects.get().name == "Today"


def test_a_backup_that_was_cut_off_or_altered_replaces_nothing(company: Company, file: Path, tmp_path: Path):
    call_command("backup", str(file), verbosity=0)
    cut, altered = tmp_path / "cut", tmp_path / "altered"
    cut.write_bytes(file.read_bytes()[:-2_000])
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(altered, "w") as other:
        other.writestr("manifest.json", whole.read("manifest.json"))
        other.writestr("data", whole.read("data") + b" ")

    for broken in (cut, altered, tmp_path / "absent"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("restore", str(broken), "--yes")

    assert Flow.objects.exists()
