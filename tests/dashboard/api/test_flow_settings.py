"""What a program changes of a flow: settings, schedule, filter, fields."""

from __future__ import annotations

import pytest

from apicenter.organizations.models import AuditEntry
from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company
from tests.factories import inside, make_table

pytestmark = pytest.mark.django_db


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


def test_a_filter_is_stored_and_taken_away(program: Program, company: Company):
    path = f"flows/{company.products.pk}/filter/"
    wanted = {"rules": [{"field": "price.amount", "op": "gt", "value": 10}]}

    assert program.call("PUT", path, {"filter": wanted}).json()["filter"]["rules"]
    assert error_of(program.call("PUT", path, {"filter": {"rules": [{"field": "x", "op": "near"}]}}))[0] == 400
    assert program.call("PUT", path, {"filter": None}).json() == {"filter": None}


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
