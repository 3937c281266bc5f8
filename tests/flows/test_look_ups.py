"""Looking up in the target: asked once, answered for all, and what is missing or doubtful is told with its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from apicenter.errors import RemoteUnavailable
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.base import Existing, Option, Window
from connectors.maps import FieldMap, OnError, ResourceMap, Step
from flows.engine import planning
from flows.engine.plan import Planned
from flows.models import Flow, Run
from tests.flows.memory import PRODUCT_MAP, Memory, MemoryTarget, make_flow, make_row, work_on

pytestmark = pytest.mark.django_db
CARRIERS = [Option("BP", "bpost"), Option("DHL1", "DHL"), Option("DHL2", "dhl"), Option("X", "BP")]


class Shelf(Memory):
    """A target with a list of carriers, that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.error: Exception | None = None

    def options(self, name: str) -> list[Option]:
        self.asked.append(name)
        if self.error:
            raise self.error
        return CARRIERS


class Finding(MemoryTarget):
    """Lamps by their name: what they cost stands in the record."""

    def find(self, by: str, value: str) -> list[Existing]:
        if by != "name":
            return super().find(by, value)
        self.connector.asked.append(f"{by}={value}")
        return [Existing("T9", "L-9", "Lamp 9")] if value == "Lamp 9" else []

    def read(self, target_id: str) -> dict[str, Any]:
        self.connector.asked.append(f"read {target_id}")
        return {"price": {"amount": "9.00"}} if target_id == "T9" else super().read(target_id)


Shelf.targets = {"products": Finding}


@pytest.fixture(autouse=True)
def inside() -> Iterator[None]:
    organization = Organization.objects.create(name="Ours")
    with organization_context(organization.pk):
        yield


def flow_with(on_error: OnError = OnError.BLOCK, **args: str) -> Flow:
    field = FieldMap(target="found", source="long_text", steps=(Step(fn="look_up", args=args),), on_error=on_error)
    return make_flow(ResourceMap(fields=(*PRODUCT_MAP.fields, field)))


def planned(flow: Flow, shelf: Shelf, *rows: dict[str, Any]) -> list[Planned]:
    left = Memory()
    left.rows = list(rows)
    with work_on(flow, None, left, shelf) as work:
        return planning.plan_read(work, work.source.page(Window(), None).records)


def found_in(planned: list[Planned]) -> list[Any]:
    return [one.change.code or one.change.payload.get("found") for one in planned]


def test_a_list_is_read_once_and_answers_by_code_or_name():
    shelf = Shelf()
    rows = [make_row(str(at), text=text) for at, text in enumerate(("bp", "Bpost", "nobody", "dhl"))]

    result = planned(flow_with(where="carriers"), shelf, *rows)

    assert found_in(result) == ["BP", "BP", "look_up.none", "look_up.several"]
    assert shelf.asked == ["carriers"]


def test_a_record_is_found_once_and_any_field_of_it_may_be_taken():
    shelf = Shelf()
    rows = [make_row("1", text="Lamp 9"), make_row("2", text="Lamp 9"), make_row("3", text="Lamp 8"), make_row("4")]

    result = planned(flow_with(where="products.name", give="price.amount"), shelf, *rows)

    assert found_in(result) == ["9.00", "9.00", "look_up.none", None]
    assert sorted(shelf.asked) == ["name=Lamp 8", "name=Lamp 9", "read T9"]


def test_what_is_sent_again_takes_what_is_found_now():
    shelf = Shelf()
    shelf.things["T1"] = {"code": "1", "name": "Lamp", "text": "bpost"}

    (one,) = planned(flow_with(where="carriers"), shelf, make_row("1", text="bpost"))

    assert (one.change.action, one.change.payload["found"]) == ("update", "BP")


def test_a_target_that_is_down_is_waited_for():
    shelf = Shelf()
    shelf.error = RemoteUnavailable(system="Memory")

    with pytest.raises(RemoteUnavailable):
        planned(flow_with(where="carriers"), shelf, make_row("1", text="bpost"))


def test_a_field_may_be_left_out_where_nothing_is_found():
    (one,) = planned(flow_with(on_error=OnError.EMPTY, where="carriers"), Shelf(), make_row("1", text="nobody"))

    assert (one.change.action, "found" in one.change.payload) == ("create", False)


def read_in_slices(flow: Flow, run: Run, shelf: Shelf, rows: list[dict[str, Any]], *, size: int) -> list[Any]:
    """Plan the rows as a run does that gives its lane back after every page."""
    left, found, position = Memory(), [], None
    left.rows = rows
    left.source("products").page_size = size
    while True:
        with work_on(flow, run, left, shelf) as work:
            page = work.source.page(Window(), position)
            found += found_in(planning.plan_read(work, page.records))
            position = page.position
        if position is None:
            return found


def test_a_thousand_records_with_the_same_few_keys_cost_a_few_calls():
    shelf, flow = Shelf(), flow_with(where="products.name", give="price.amount")
    run = Run.objects.create(flow=flow, trigger=Run.Trigger.MANUAL, phase=Run.Phase.READ)
    rows = [make_row(str(at), text=f"Lamp {at % 5}" if at % 5 else "Lamp 9") for at in range(1000)]

    found = read_in_slices(flow, run, shelf, rows, size=50)

    assert Counter(found) == {"9.00": 200, "look_up.none": 800}
    assert shelf.asked.count("name=Lamp 9") == shelf.asked.count("read T9") == 1


def test_a_list_is_read_once_for_the_whole_run():
    shelf, flow = Shelf(), flow_with(where="carriers")
    run = Run.objects.create(flow=flow, trigger=Run.Trigger.MANUAL, phase=Run.Phase.READ)

    read_in_slices(flow, run, shelf, [make_row(str(at), text="bp") for at in range(100)], size=10)

    assert shelf.asked == ["carriers"]


def test_what_is_sent_again_after_the_reading_is_looked_up_afresh():
    shelf, flow = Shelf(), flow_with(where="products.name", give="price.amount")
    run = Run.objects.create(flow=flow, trigger=Run.Trigger.MANUAL, phase=Run.Phase.READ)
    row = [make_row("1", text="Lamp 9")]
    read_in_slices(flow, run, shelf, row, size=10)
    run.phase = Run.Phase.SETTLE

    read_in_slices(flow, run, shelf, row, size=10)

    assert shelf.asked.count("name=Lamp 9") == 2


def test_several_fields_of_one_record_are_one_question():
    shelf = Shelf()
    fields = [
        FieldMap(
            target=target,
            source="long_text",
            steps=(Step(fn="look_up", args={"where": "products.name", "give": give}),),
        )
        for target, give in (("found", "price.amount"), ("other", "price.currency"), ("third", "id"))
    ]
    flow = make_flow(ResourceMap(fields=(*PRODUCT_MAP.fields, *fields)))

    (one,) = planned(flow, shelf, make_row("1", text="Lamp 9"))

    assert (one.change.payload["found"], one.change.payload["third"]) == ("9.00", "T9")
    assert shelf.asked == ["name=Lamp 9", "read T9"]
