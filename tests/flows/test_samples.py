"""What a map makes of a stored record, new or existing, and a draft from its edit to the next run."""

from __future__ import annotations

import pytest

from apicenter.errors import RemoteUnavailable
from connectors.maps import FieldMap, ResourceMap, Step, ValueTableData, When
from connectors.models import Connection
from flows.engine.plan import Action
from flows.maps import versions
from flows.maps.changes import FieldPlace
from flows.maps.drafts import draft_state, set_field
from flows.maps.field_lists import source_fields, target_fields
from flows.maps.samples import Current, Result, Sample, current_of, open_sample, results, samples_of
from flows.models import Flow, Run, RunRecord
from flows.services import start_run
from flows.setup.preview import dry_run
from tests.flows.memory import make_row
from tests.flows.records import make_line, make_order, make_product
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
NAME = FieldPlace("products", "", "name")
ROW = RunRecord.__new__(RunRecord)  # never looked at: results need what came, not the row
VAT = {"vat": ValueTableData(name="vat", rows={"21": "high"})}


def one(field: FieldMap, **options: object) -> Result:
    record = Sample(ROW, make_product(name="Blue shirt"))
    found = results("products", ResourceMap(fields=(field,)), record, tables=VAT, **options)
    return found[FieldPlace("products", "", field.target)]


def name(when: When = When.ALWAYS, **values: object) -> FieldMap:
    return FieldMap(target="name", source="name", when=when, **values)


@pytest.mark.parametrize(
    ("when", "old", "hashes", "outcome", "why"),
    [
        (When.ALWAYS, "Red shirt", {}, "sent", ""),
        (When.ALWAYS, "Blue shirt", {}, "same", ""),
        (When.ON_CREATE, "Red shirt", {}, "kept", "on_create"),
        (When.NEVER, "Red shirt", {}, "off", "never"),
        (When.IF_EMPTY, "Red shirt", {}, "kept", "filled"),
        (When.IF_EMPTY, "", {}, "sent", ""),
        (When.IF_UNTOUCHED, "Red shirt", {"name": "else"}, "kept", "touched"),
    ],
)
def test_an_existing_record_shows_what_is_sent_and_what_stays(
    when: When, old: str, hashes: dict[str, str], outcome: str, why: str
):
    current = Current("T1", {"name": old}, hashes)

    found = one(name(when), situation="exists", current=current)

    assert (found.outcome, found.why) == (outcome, why)
    assert found.old == old


def test_a_new_record_gets_everything_that_is_not_switched_off():
    assert one(name(When.ON_CREATE)).outcome == "sent"
    assert one(name(When.NEVER)).outcome == "off"
    assert one(name(When.NEVER)).value == "Blue shirt"


def test_a_record_that_is_never_changed_keeps_everything():
    current = Current("T1", {"name": "Red"}, is_updated=False)

    assert one(name(), situation="exists", current=current).why == "no_update"


def test_the_value_after_each_function_is_told():
    found = one(name(steps=(Step(fn="upper"), Step(fn="truncate", args={"length": 4}))))

    assert found.trace == (("source", "Blue shirt"), ("upper", "BLUE SHIRT"), ("truncate", "BLUE"))


def test_a_field_that_fails_says_why_and_the_others_go_on():
    fields = (FieldMap(target="price", source="name", steps=(Step(fn="round"),)), name())
    sample = Sample(ROW, make_product())

    found = results("products", ResourceMap(fields=fields), sample, tables={})

    assert found[FieldPlace("products", "", "price")].error.startswith("“Blue shirt” is not a number")
    assert found[NAME].outcome == "sent"


def test_what_is_looked_up_when_it_is_sent_is_no_error():
    assert one(FieldMap(target="number", source="resolved.customer_id", required=True)).outcome == "later"


def test_a_list_shows_its_first_line_and_how_many_there_are():
    order = make_order(make_line(text="First"), make_line(text="Second"))
    rows = {"orderLines": (FieldMap(target="description", source="text"),)}
    sample = Sample(ROW, order)

    found = results("orders", ResourceMap(fields=(), lists=rows), sample, tables={})

    result = found[FieldPlace("orders", "orderLines", "description")]
    assert (result.value, result.rows) == ("First", 2)


def test_a_map_that_cannot_run_shows_nothing_instead_of_failing():
    fields = (name(), FieldMap(target="name.part", source="sku"))

    assert results("p", ResourceMap(fields=fields), Sample(ROW, make_product()), tables={}) == {}


def ran(shelf: Shelf, flow: Flow) -> RunRecord:
    shelf.rows = [make_row("L1")]
    start_run(flow, Run.Trigger.MANUAL)
    work_until_idle()
    return RunRecord.objects.get()


def test_an_edit_is_tried_published_and_used_by_the_next_run(shelf_flow: Flow, shelf: Shelf):
    ran(shelf, shelf_flow)
    capitals = FieldMap(target="name", source="name", steps=(Step(fn="upper"),))
    state = set_field(shelf_flow, NAME, capitals, author=None, seen=0)

    tried = dry_run(shelf_flow, state.maps, limit=5)

    assert [line.action for line in tried.records] == [Action.UPDATE]
    assert [(field.before, field.after) for field in tried.records[0].fields if field.is_changed] == [
        ("Lamp L1", "LAMP L1")
    ]
    assert shelf.things["T1"]["name"] == "Lamp L1"

    versions.publish_draft(shelf_flow, note="Capitals", author=None)
    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()

    assert shelf.things["T1"]["name"] == "LAMP L1"
    record = RunRecord.objects.latest("created_at")
    assert (record.state, record.map_version.number) == (RunRecord.State.UPDATED, 2)


def test_a_dry_run_with_the_live_maps_changes_nothing(shelf_flow: Flow, shelf: Shelf):
    ran(shelf, shelf_flow)

    tried = dry_run(shelf_flow, draft_state(shelf_flow).maps)

    assert (tried.count(Action.UNCHANGED), len(tried.records)) == (1, 1)


def test_a_dry_run_says_what_would_be_held(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("L1", vat="6"), make_row("L2")]

    tried = dry_run(shelf_flow, draft_state(shelf_flow).maps)

    assert (tried.count(Action.HOLD), tried.count(Action.CREATE)) == (1, 1)
    assert shelf.things == {}


def test_a_switched_off_field_is_not_sent(shelf_flow: Flow, shelf: Shelf):
    off = FieldMap(target="name", source="name", when=When.NEVER)
    set_field(shelf_flow, NAME, off, author=None, seen=0)
    versions.publish_draft(shelf_flow, note="", author=None)

    ran(shelf, shelf_flow)

    assert "name" not in shelf.things["T1"]


def test_stored_records_are_found_by_key_and_opened_without_a_call(shelf_flow: Flow, shelf: Shelf):
    ran(shelf, shelf_flow)

    (row,) = samples_of(shelf_flow, "products", q="l1")

    assert open_sample(shelf_flow, RunRecord.objects.get(pk=row.pk)).source.core.name == "Lamp L1"
    assert samples_of(shelf_flow, "products", q="nothing") == []


def test_what_stands_there_is_read_once_in_a_while(shelf_flow: Flow, shelf: Shelf):
    row = ran(shelf, shelf_flow)

    first = current_of(shelf_flow, row)
    shelf.things["T1"]["name"] = "edited"
    second = current_of(shelf_flow, row)

    assert first.values["name"] == second.values["name"] == "Lamp L1"


def test_a_record_that_vanished_there_is_told_and_not_raised(shelf_flow: Flow, shelf: Shelf):
    row = ran(shelf, shelf_flow)
    shelf.things.clear()

    current = current_of(shelf_flow, row)

    assert current.values is None
    assert current.problem
    assert current_of(shelf_flow, row).problem == current.problem


def test_fields_of_a_side_that_cannot_be_asked_are_the_ones_known_before(
    shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    known = target_fields(shelf_flow, "products").fields

    def down(self: object) -> list[object]:
        raise RemoteUnavailable(system="Memory")

    monkeypatch.setattr(shelf.targets["products"], "fields", down)
    found = target_fields(shelf_flow, "products", is_fresh=True)

    assert found.fields == known
    assert "Memory" in found.problem


def test_a_connection_that_needs_a_person_is_not_asked(shelf_flow: Flow, shelf: Shelf):
    Connection.objects.update(state=Connection.State.NEEDS_PERSON, problem_code="token.revoked")
    shelf_flow.refresh_from_db()

    assert source_fields(Flow.objects.get(), "products").problem
