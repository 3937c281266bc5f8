"""The public API: tokens, scopes, the wall between organizations, failures of one form, keys against doubles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openapi_spec_validator import validate

from apicenter.api import throttling
from apicenter.api.kept_answers import KEPT, purge_answers
from apicenter.api.models import ApiToken, IdempotentRequest
from apicenter.api.tokens import issue_token, revoke_token
from apicenter.organizations.models import AuditEntry
from apicenter.tenancy import platform_context
from flows.models import Flow, Job, Run, RunRecord
from flows.running import held_up
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company, make_company
from tests.factories import inside, make_held_record, make_table

pytestmark = pytest.mark.django_db
COLLECTIONS = ["connections", "flows", "runs", "records", "tables"]


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture
def program(company: Company) -> Program:
    return Program(company.organization, user=company.owner)


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_token_opens_its_organization_only(program: Program, company: Company):
    other = make_company("joris@example.com", name="Other", mark="-secret-of-other")

    for name in COLLECTIONS:
        page = program.call("GET", f"{name}/")
        assert page.json()["results"]
        assert b"-secret-of-other" not in page.content
    assert error_of(program.call("GET", f"flows/{other.products.pk}/")) == (404, "not_found")
    assert error_of(program.call("GET", f"records/{other.held.pk}/contents/")) == (404, "not_found")
    assert error_of(program.call("POST", f"records/{other.held.pk}/send/")) == (404, "not_found")
    assert error_of(program.call("POST", f"flows/{other.products.pk}/pause/")) == (404, "not_found")
    assert error_of(program.call("POST", f"connections/{other.visma_net.pk}/check/")) == (404, "not_found")


def test_without_a_token_nothing_is_shown(company: Company):
    answer = Client().get("/api/v1/flows/")

    assert error_of(answer) == (401, "token_missing")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_of_a_browser_opens_nothing(company: Company):
    client = Client()
    client.force_login(company.owner)

    assert client.get("/api/v1/flows/").status_code == 401


@pytest.mark.parametrize("text", ["apic_wrong", "x", "Bearer", ""])
def test_a_wrong_token_is_refused(company: Company, text: str):
    assert Client().get("/api/v1/flows/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_a_withdrawn_or_expired_token_is_refused(program: Program, company: Company):
    with inside(company.organization):
        revoke_token(program.token)
    assert error_of(program.call("GET", "flows/")) == (401, "token_invalid")

    late = Program(company.organization)
    with platform_context():
        ApiToken.unscoped.filter(pk=late.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert error_of(late.call("GET", "flows/")) == (401, "token_invalid")


def test_a_scope_is_asked_for_each_thing(company: Company):
    reader = Program(company.organization, "flows:read")

    assert reader.get("flows/")
    assert error_of(reader.call("POST", f"flows/{company.products.pk}/pause/")) == (403, "scope_missing")
    assert error_of(reader.call("GET", "records/")) == (403, "scope_missing")
    assert (
        error_of(Program(company.organization, "records:read").call("GET", f"records/{company.sent.pk}/contents/"))[0]
        == 403
    )


def test_only_a_digest_of_a_token_is_kept(program: Program):
    with platform_context():
        row = ApiToken.unscoped.values().get(pk=program.token.pk)

    assert program.text not in str(row)
    assert row["start"] == program.text[:11]


def test_a_token_needs_a_name_a_known_scope_and_a_day_to_come(company: Company):
    with inside(company.organization), pytest.raises(ValidationError) as raised:
        issue_token(name=" ", scopes=["everything"], expires_at=timezone.now())

    assert set(raised.value.message_dict) == {"name", "scopes", "expires_at"}


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


def test_a_run_is_started_once(program: Program, company: Company):
    first = program.call("POST", f"flows/{company.products.pk}/runs/", {})
    second = program.call("POST", f"flows/{company.products.pk}/runs/", {})

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["trigger"] == "api"


def test_dates_of_a_backfill_must_make_sense(program: Program, company: Company):
    answer = program.call(
        "POST",
        f"flows/{company.products.pk}/runs/",
        {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    )

    assert error_of(answer) == (400, "validation_failed")
    assert "until" in answer.json()["error"]["fields"]


def test_a_paused_flow_says_why_it_does_not_run(program: Program, company: Company):
    assert program.call("POST", f"flows/{company.products.pk}/pause/").json()["state"] == "paused"

    assert error_of(program.call("POST", f"flows/{company.products.pk}/runs/", {})) == (409, "flow.inactive")
    assert program.call("POST", f"flows/{company.products.pk}/resume/").json()["state"] == "active"


def test_what_a_program_changes_stands_in_the_audit_trail(program: Program, company: Company):
    program.call("POST", f"flows/{company.products.pk}/pause/")

    with inside(company.organization):
        entry = AuditEntry.objects.get(action="flow.paused")
    assert (entry.user, entry.via) == (company.owner, "Warehouse")


def test_causes_are_listed_and_sent_again(program: Program):
    causes = program.get("needs-you/")
    largest = causes[0]

    assert largest["count"] == 4
    assert "FR 5.5 %" in largest["sentence"]
    assert program.call("POST", f"needs-you/{largest['id']}/send/").json() == {"sent": 4}
    assert error_of(program.call("POST", f"needs-you/{largest['id']}/send/"))[0] == 404


def test_a_record_that_needs_nobody_is_not_sent(program: Program, company: Company):
    assert error_of(program.call("POST", f"records/{company.sent.pk}/send/")) == (409, "record_not_held")


def test_the_same_key_does_the_work_once(program: Program, company: Company):
    path = f"records/{company.held.pk}/set-aside/"

    first = program.call("POST", path, Idempotency_Key="k-1")
    second = program.call("POST", path, Idempotency_Key="k-1")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert not first.has_header("Idempotent-Replayed")


def test_a_key_stands_for_one_request_only(program: Program, company: Company):
    program.call("POST", f"flows/{company.products.pk}/pause/", Idempotency_Key="k-2")

    answer = program.call("POST", f"flows/{company.products.pk}/resume/", Idempotency_Key="k-2")

    assert error_of(answer) == (422, "idempotency_key_reused")


def test_a_key_whose_request_is_at_work_waits(program: Program, company: Company):
    path = f"flows/{company.products.pk}/pause/"
    program.call("POST", path, Idempotency_Key="k-3")
    with platform_context():
        IdempotentRequest.unscoped.update(status=None)

    assert error_of(program.call("POST", path, Idempotency_Key="k-3")) == (409, "idempotency_in_progress")
    with platform_context():
        IdempotentRequest.unscoped.update(created_at=timezone.now() - timedelta(minutes=11))
    assert program.call("POST", path, Idempotency_Key="k-3").status_code == 200


def test_the_answer_kept_for_a_key_is_sealed_and_goes_after_a_day(program: Program, company: Company):
    program.call("PATCH", f"flows/{company.products.pk}/", {"name": "Lamps"}, Idempotency_Key="k-4")
    with platform_context():
        row = IdempotentRequest.unscoped.get()

    assert b"Lamps" not in bytes(row.answer)
    with platform_context():
        IdempotentRequest.unscoped.update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    assert purge_answers() == 1


def test_too_many_calls_are_told_when_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch, env: Any):
    call_command("createcachetable", verbosity=0)
    env(API_CALLS_PER_MINUTE=2)

    answers = [program.call("GET", "flows/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert error_of(answers[-1]) == (429, "throttled")
    assert int(answers[-1]["Retry-After"]) > 0
    assert throttling.TokenThrottle().get_rate() == "2/min"


def test_broken_json_and_unknown_addresses_have_the_same_form(program: Program, company: Company):
    broken = program.client.generic(
        "POST",
        f"/api/v1/flows/{company.products.pk}/runs/",
        "{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.text}"},
    )

    assert error_of(broken) == (400, "malformed")
    assert error_of(program.call("GET", "nothing/here/")) == (404, "not_found")
    assert error_of(program.call("DELETE", f"flows/{company.products.pk}/")) == (405, "method_not_allowed")


def test_the_schema_is_valid_and_names_every_address():
    schema = Client().get("/api/schema.json").json()

    validate(schema)
    assert "/api/v1/flows/{id}/runs/" in schema["paths"]
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_integrations_join_both_connections(program: Program, company: Company):
    (pair,) = program.get("integrations/")

    assert {one["connector"] for one in pair["connections"]} == {"visma_net", "teamleader"}
    with platform_context():
        assert len(pair["flows"]) == Flow.unscoped.count()


def test_a_dry_run_of_a_flow_without_connection_says_so_and_writes_nothing(program: Program, company: Company):
    with platform_context():
        before = (Run.unscoped.count(), RunRecord.unscoped.count(), Job.unscoped.count())

    answer = program.call("POST", f"flows/{company.products.pk}/dry-runs/", {"limit": 5})

    assert answer.status_code in {409, 502}
    with platform_context():
        assert (Run.unscoped.count(), RunRecord.unscoped.count(), Job.unscoped.count()) == before


def test_a_preset_is_changed_part_by_part_and_its_faults_are_named(program: Program, company: Company):
    path = f"flows/{company.orders.pk}/settings/"

    program.call("PATCH", path, {"values": {"warehouse": {"is_on": True, "value": "GHENT"}, "branch": "2"}})
    changed = program.call("PATCH", path, {"values": {"warehouse": {"is_forced": True}}}).json()
    empty = program.call("PATCH", path, {"values": {"branch": {"is_on": True, "value": ""}}})
    unknown = program.call("PATCH", path, {"values": {"branch": {"vaule": "2"}}})
    incomplete = program.call("PATCH", path, {"values": {"discounts": "discount_line"}})

    warehouse, branch = changed["values"]["warehouse"], changed["values"]["branch"]
    assert (warehouse["value"], warehouse["is_forced"], warehouse["uses_table"]) == ("GHENT", True, False)
    assert (branch["value"], branch["is_on"], branch["uses_table"]) == ("2", True, True)
    assert set(changed["schema"]["$defs"]["Preset"]["properties"]) >= {"is_on", "value", "no_pair", "source"}
    assert "Name the value that is used, or switch it off." in empty.content.decode()
    assert "branch.vaule" in unknown.content.decode()
    assert "Name the item that discounts travel under." in incomplete.content.decode()
    assert {one.status_code for one in (empty, unknown, incomplete)} == {400}


def test_settings_follow_their_schema_and_say_what_is_wrong(program: Program, company: Company):
    path = f"flows/{company.orders.pk}/settings/"

    assert program.get(path)["schema"]["properties"]["hold"]
    assert program.call("PATCH", path, {"values": {"hold": False}}).json()["values"]["hold"] is False
    wrong = program.call("PATCH", path, {"values": {"hold": "perhaps", "colour": "red"}})
    assert error_of(wrong) == (400, "validation_failed")
    assert set(wrong.json()["error"]["fields"]) == {"values.hold", "values.colour"}


def test_a_schedule_is_chosen_or_refused_with_the_reason(program: Program, company: Company):
    path = f"flows/{company.products.pk}/schedule/"

    chosen = program.call("PUT", path, {"daily_at": "06:30"}).json()
    assert (chosen["daily_at"], chosen["every_minutes"]) == ("06:30", None)
    assert chosen["next_run_at"]
    assert error_of(program.call("PUT", path, {"cron": "every tuesday"}))[0] == 400
    assert error_of(program.call("PUT", path, {"daily_at": "06:30", "every_minutes": 5}))[0] == 400


def test_how_runs_behave_is_chosen_or_refused_by_field(program: Program, company: Company):
    path = f"flows/{company.products.pk}/behaviour/"

    chosen = program.call("PUT", path, {"most_per_run": 50, "hours_from": "07:00", "hours_until": "19:00"}).json()

    assert chosen == {
        "start_from": None, "most_per_run": 50, "most_errors": None, "hours_from": "07:00", "hours_until": "19:00",
    }  # fmt: skip
    refused = program.call("PUT", path, {"hours_from": "07:00"})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["hours_until"])


def test_a_program_may_answer_for_a_person_where_the_cause_allows_it(program: Program, company: Company):
    with inside(company.organization):
        run = company.orders.runs.first()
        held = make_held_record(run, "2026/1300", code="order.several", params={"key": "2026/1300", "count": "2"})

    assert error_of(program.call("POST", f"records/{held.pk}/answer/", {"answer": "cancel"})) == (409, "not_a_choice")
    assert program.call("POST", f"records/{held.pk}/answer/", {"answer": "send"}).json() == {"sent": 1}


def test_a_filter_is_stored_and_taken_away(program: Program, company: Company):
    path = f"flows/{company.products.pk}/filter/"
    wanted = {"rules": [{"field": "price.amount", "op": "gt", "value": 10}]}

    assert program.call("PUT", path, {"filter": wanted}).json()["filter"]["rules"]
    assert error_of(program.call("PUT", path, {"filter": {"rules": [{"field": "x", "op": "near"}]}}))[0] == 400
    assert program.call("PUT", path, {"filter": None}).json() == {"filter": None}


def test_a_row_sends_what_waited_for_it(program: Program, company: Company):
    edit = {"rows": [{"key": "c6b8", "value": "FR055", "key_label": "FR 5.5 %"}], "remove": ["BE 6 %"]}

    answer = program.call("PATCH", f"tables/{company.vat.pk}/rows/", edit).json()

    assert (answer["changed"], answer["sent"]) == (2, 4)
    assert {row["key"] for row in answer["table"]["rows"]} == {"BE 21 %", "FR 20 %", "c6b8"}


def test_a_row_without_value_must_say_that_it_means_it(program: Program, company: Company):
    path = f"tables/{company.vat.pk}/rows/"

    assert error_of(program.call("PATCH", path, {"rows": [{"key": "c6b8"}]})) == (400, "validation_failed")
    assert program.call("PATCH", path, {"rows": [{"key": "c6b8", "sends_empty": True}]}).status_code == 200


def test_the_rule_for_values_without_row_is_changed(program: Program, company: Company):
    answer = program.call("PATCH", f"tables/{company.vat.pk}/no-pair/", {"rule": "default", "default": "BE21"})

    assert answer.json()["table"]["no_pair"] == "default"
    assert error_of(program.call("PATCH", f"tables/{company.vat.pk}/no-pair/", {"rule": "guess"}))[0] == 400


def test_a_run_tells_what_held_it_up(program: Program, company: Company):
    company.run.held_up = held_up.begun([], "database.lost", {}, at=timezone.now())
    with inside(company.organization):
        company.run.save(update_fields=["held_up"])

    (entry,) = program.call("GET", f"runs/{company.run.pk}/").json()["held_up"]

    assert entry["reason"].startswith("The database of this platform did not answer")
    assert (entry["until"], entry["times"]) == (None, 1)


def test_a_run_is_stopped_and_goes_on(program: Program, company: Company):
    run = program.call("POST", f"flows/{company.products.pk}/runs/", {}).json()["id"]

    assert program.call("POST", f"runs/{run}/stop/").json()["state"] == "stopped"
    assert error_of(program.call("POST", f"runs/{run}/stop/")) == (409, "run_not_running")
    assert program.call("POST", f"runs/{run}/go-on/").json()["state"] in {"waiting", "running"}
    assert error_of(program.call("POST", f"runs/{company.run.pk}/go-on/")) == (409, "run_not_stopped")


def test_a_name_is_changed_with_its_entry(program: Program, company: Company):
    assert program.call("PATCH", f"flows/{company.products.pk}/", {"name": "Lamps"}).json()["name"] == "Lamps"

    with inside(company.organization):
        assert AuditEntry.objects.get(action="flow.renamed").after == {"name": "Lamps"}


def test_fields_are_drafted_published_and_restored(program: Program, company: Company):
    with inside(company.organization):
        make_table(company.products, "vat", {"BE21": "rate-21"})
    path = f"flows/{company.products.pk}/map/"
    draft = program.get(f"{path}draft/")
    assert (draft["version"], draft["changes"]) == (0, 0)
    fields = draft["maps"]["products"]["fields"]
    next(one for one in fields if one["target"] == "name")["steps"] = [{"fn": "truncate", "args": {"length": 20}}]

    changed = program.call("PUT", f"{path}draft/", {"maps": draft["maps"]}).json()
    assert changed["changes"] == 1
    published = program.call("POST", f"{path}publish/", {"note": "Shorter names"})
    assert (published.status_code, published.json()["number"]) == (201, 2)
    assert error_of(program.call("POST", f"{path}publish/", {"note": "again"})) == (409, "nothing_to_publish")
    assert program.call("POST", f"{path}restore/", {"number": 1}).json()["number"] == 3
    assert [one["is_live"] for one in program.get(f"{path}versions/")] == [True, False, False]
    assert error_of(program.call("POST", f"{path}restore/", {"number": 9})) == (404, "not_found")


def test_a_draft_says_what_is_wrong_and_is_not_published(program: Program, company: Company):
    path = f"flows/{company.products.pk}/map/"
    maps = program.get(f"{path}draft/")["maps"]

    assert error_of(program.call("PUT", f"{path}draft/", {"maps": {"products": {"fields": 3}}}))[0] == 400
    maps["products"]["fields"][1]["steps"] = [{"fn": "no such function", "args": {}}]
    assert program.call("PUT", f"{path}draft/", {"maps": maps}).json()["problems"]
    row = {"when": {"rules": [{"field": "vat_code", "op": "eq", "value": "BE21"}]}, "constant": "High"}
    maps["products"]["fields"][1] |= {"steps": [], "cases": [row, {**row, "when": {"rules": []}}]}
    problems = program.call("PUT", f"{path}draft/", {"maps": maps}).json()["problems"]
    assert "A row of “only if” compares nothing." in problems[0]
    answer = program.call("POST", f"{path}publish/", {"note": "Broken"})
    assert error_of(answer) == (400, "validation_failed")
    stale = program.call("PUT", f"{path}draft/", {"maps": maps, "expected_version": 99})
    assert error_of(stale) == (409, "draft_moved")
    assert program.call("DELETE", f"{path}draft/").status_code == 204


def test_a_flow_itself_is_not_deleted_by_a_program(program: Program, company: Company):
    assert error_of(program.call("DELETE", f"flows/{company.products.pk}/")) == (405, "method_not_allowed")
