"""E-mail addresses: found in the log, never stored in clear, gone with the row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Window
from flows.engine import intake
from flows.log.people import addresses_in, cut_addresses, is_address
from flows.log.retention import purge_expired
from flows.log.search import LogQuery
from flows.models import Flow, RecordMark, RunRecord
from tests.flows.engine.passes import pass_over
from tests.flows.memory import Memory, make_row, make_run, work_on

pytestmark = pytest.mark.django_db
ADDRESS = "Bruno.Delattre@Example.fr"


@pytest.fixture
def record(flow: Flow) -> RunRecord:
    left = Memory()
    left.rows = [make_row("A", contact={"mails": [ADDRESS]}, name=f"For {ADDRESS}"), make_row("B")]
    run = pass_over(flow, left, Memory())
    return RunRecord.objects.get(run=run, natural_key="A")


def found(text: str) -> list[str]:
    return [row.natural_key for row in LogQuery(text=text).records()]


@pytest.mark.parametrize("typed", [ADDRESS, ADDRESS.lower(), f" {ADDRESS.upper()} ".strip()])
def test_a_record_is_found_by_an_address_in_what_came(record: RunRecord, typed: str):
    assert found(typed) == ["A"]


@pytest.mark.parametrize("typed", ["bruno@example.fr", "delattre@example.fr", "nobody@example.fr"])
def test_another_address_finds_nothing(record: RunRecord, typed: str):
    assert found(typed) == []


def test_the_address_stands_nowhere_in_the_row_or_its_marks(record: RunRecord):
    row = RunRecord.objects.filter(pk=record.pk).values().get()
    marks = list(RecordMark.objects.filter(record=record).values())
    kept = "".join(repr(bytes(value) if isinstance(value, memoryview) else value) for value in row.values())

    assert len(marks) == 1
    for text in (kept, repr(marks)):
        assert "delattre" not in text.casefold()
        assert ADDRESS.casefold() not in text.casefold()


def test_the_label_keeps_what_recognises_a_person(record: RunRecord):
    assert record.label == "For Br•••@Example.fr"


def test_two_companies_have_different_marks_for_the_same_address(record: RunRecord):
    other = Organization.objects.create(name="Theirs")

    ours = record.organization.vault.mark(ADDRESS, purpose="email")

    assert ours != other.vault.mark(ADDRESS, purpose="email")
    assert ours != record.organization.vault.mark(ADDRESS, purpose="other")
    with organization_context(other.pk):
        assert found(ADDRESS) == []


def test_the_marks_go_with_the_record(record: RunRecord):
    RunRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    purge_expired(record.organization)

    assert not RecordMark.objects.exists()


def test_a_record_read_again_in_its_run_has_the_marks_of_what_came_last(flow: Flow):
    left, right, run = Memory(), Memory(), make_run(flow)
    for number, mail in enumerate(("first@example.com", "second@example.com")):
        left.rows = [make_row("A", minutes=number, mail=mail, sellable=True)]
        with work_on(flow, run, left, right) as work:
            intake.take_page(work, work.source.page(Window(), None))

    assert found("second@example.com") == ["A"]
    assert found("first@example.com") == []


def test_addresses_are_found_at_any_depth_and_once():
    raw = {"a": [{"b": "x@y.example"}, "X@Y.example; z@y.example"], "c": 5, "d": None}

    assert addresses_in(raw) == {"x@y.example", "z@y.example"}


@pytest.mark.parametrize(
    ("text", "is_one"), [("a@b.example", True), ("a@b", False), ("order 5", False), ("for a@b.example", False)]
)
def test_only_a_whole_address_is_looked_up(text: str, is_one: bool):
    assert is_address(text) is is_one


def test_what_is_cut_cannot_be_completed():
    assert cut_addresses("Mail bruno.delattre@example.fr now") == "Mail br•••@example.fr now"
