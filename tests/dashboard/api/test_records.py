"""Records, causes and notes, as a program reads and answers them."""

from __future__ import annotations

import pytest

from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company
from tests.factories import inside, make_held_record

pytestmark = pytest.mark.django_db


def test_pages_go_by_cursor_and_end(program: Program):
    first = program.get("records/?limit=3")
    second = program.client.get(first["next"], headers={"Authorization": f"Bearer {program.text}"}).json()

    assert len(first["results"]) == 3
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    assert first["previous"] is None


def test_the_log_filters_and_names_a_wrong_value(program: Program, company: Company):
    held = program.get("records/?state=needs_you&q=2026/1193")["results"]

    assert [row["id"] for row in held] == [str(company.held.pk)]
    answer = program.call("GET", "records/?state=lost")
    assert error_of(answer) == (400, "validation_failed")
    assert "state" in answer.json()["error"]["fields"]
    assert error_of(program.call("GET", "records/?flow=1"))[0] == 400


def test_contents_come_without_secrets(program: Program, company: Company):
    contents = program.get(f"records/{company.sent.pk}/contents/")

    assert contents["received"]["inventoryNumber"] == "VV-1042-BRS"
    assert "very-secret" not in str(contents)


def test_notes_about_a_record_are_written_and_read(program: Program, company: Company):
    written = program.call("POST", f"records/{company.held.pk}/notes/", {"text": "Paid in cash."})
    empty = program.call("POST", f"records/{company.held.pk}/notes/", {"text": " "})

    assert written.status_code == 201
    assert error_of(empty) == (400, "validation_failed")
    assert [note["text"] for note in program.get(f"records/{company.held.pk}/notes/")] == ["Paid in cash."]


def test_causes_are_listed_and_sent_again(program: Program):
    causes = program.get("needs-you/")
    largest = causes[0]

    assert largest["count"] == 4
    assert "FR 5.5 %" in largest["sentence"]
    assert program.call("POST", f"needs-you/{largest['id']}/send/").json() == {"sent": 4}
    assert error_of(program.call("POST", f"needs-you/{largest['id']}/send/"))[0] == 404


def test_a_record_that_needs_nobody_is_not_sent(program: Program, company: Company):
    assert error_of(program.call("POST", f"records/{company.sent.pk}/send/")) == (409, "record_not_held")


def test_a_program_may_answer_for_a_person_where_the_cause_allows_it(program: Program, company: Company):
    with inside(company.organization):
        run = company.orders.runs.first()
        held = make_held_record(run, "2026/1300", code="order.several", params={"key": "2026/1300", "count": "2"})

    assert error_of(program.call("POST", f"records/{held.pk}/answer/", {"answer": "cancel"})) == (409, "not_a_choice")
    assert program.call("POST", f"records/{held.pk}/answer/", {"answer": "send"}).json() == {"sent": 1}
