"""What a write tells about each field, and the history of tries in the row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apicenter.audit import Actor, acting_as
from apicenter.errors import Rejected, RemoteUnavailable
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.models import Flow, Run, RunRecord
from flows.needs.replays import replay, set_aside_all
from tests.flows.engine.passes import go_on, pass_over
from tests.flows.memory import TOUCH_MAP, Memory, make_flow, make_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Iterator[Organization]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield organization


def exchange(run: Run) -> dict[str, object]:
    return RunRecord.objects.get(run=run).read_exchange()


def twice(flow: Flow, **changes: object) -> tuple[Run, Memory, Memory]:
    left, right = Memory(), Memory()
    left.rows = [make_row("A", text="old")]
    pass_over(flow, left, right)
    left.rows = [make_row("A", minutes=5, **changes)]
    return pass_over(flow, left, right), left, right


def test_a_new_record_tells_every_field(organization: Organization):
    left, right = Memory(), Memory()
    left.rows = [make_row("A", text="long")]

    told = exchange(pass_over(make_flow(), left, right))

    assert told["fields"] == {"code": "A", "name": "Lamp A", "price": 10, "text": "long", "vat": "high"}
    assert "before" not in told
    assert "changed" not in told


def test_an_update_tells_which_fields_differ_from_last_time(organization: Organization):
    run, _left, _right = twice(make_flow(), name="New name", text="new text")

    told = exchange(run)

    assert told["changed"] == ["name"]
    assert set(told["fields"]) == {"code", "name", "price", "vat"}


def test_what_the_target_held_is_kept_where_it_was_read(organization: Organization):
    run, _left, _right = twice(make_flow(TOUCH_MAP), name="New name", text="new text")

    told = exchange(run)

    assert told["before"] == {"code": "A", "name": "Lamp A", "text": "old"}
    assert told["kept"] == ["text"]
    assert told["fields"] == {"code": "A", "name": "New name"}  # the text is written only while it is empty there


def test_where_the_target_was_not_read_nothing_is_said_about_it(organization: Organization):
    run, _left, _right = twice(make_flow(), name="New name")

    assert "before" not in exchange(run)


def test_a_refusal_tells_what_would_have_been_sent(organization: Organization):
    left, right = Memory(), Memory()
    left.rows = [make_row("A")]
    right.fail("A", Rejected(answer="no", system="Right"))

    told = exchange(pass_over(make_flow(), left, right))

    assert told["fields"]["name"] == "Lamp A"
    assert told["error"] == "refused.by_target"


def test_each_try_and_each_decision_stands_in_the_row(organization: Organization):
    flow, left, right = make_flow(), Memory(), Memory()
    left.rows = [make_row("A")]
    right.fail("A", RemoteUnavailable(system="Right"))
    right.fail("A", Rejected(answer="no", system="Right"), times=2)
    run = pass_over(flow, left, right)
    go_on(flow, left, right, run)

    with acting_as(Actor(via="nightly script")):
        replay(RunRecord.objects.filter(run=run))
    go_on(flow, left, right, run)
    with acting_as(Actor(via="nightly script")):
        set_aside_all(RunRecord.objects.filter(run=run), who="somebody")

    entries = RunRecord.objects.get(run=run).tries
    assert [(one["what"], one.get("code", ""), one.get("who", "")) for one in entries] == [
        ("tried", "remote.unavailable", ""),
        ("tried", "refused.by_target", ""),
        ("again", "", "nightly script"),
        ("tried", "refused.by_target", ""),
        ("aside", "", "nightly script"),
    ]
