"""Usual fields that came after a map was made: offered once, added as one edit, and never against a person's will."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.maps import FieldMap
from connectors.registry import connector_class
from flows.catalog.registry import flow_kind
from flows.maps import drafts
from flows.maps.changes import FieldPlace, find_field, read_maps, stored_maps
from flows.maps.drafts import draft_state
from flows.maps.new_fields import add_new_fields, new_fields
from flows.models import Flow, MapVersion
from flows.setup.creation import publish
from tests.factories import inside, make_flow, make_organization

pytestmark = pytest.mark.django_db
NOTE = FieldPlace("orders", "", "note")
TEXT = FieldPlace("orders", "orderLines", "description")
CITY = FieldPlace("orders", "", "shipping.address.city")


def without(*places: FieldPlace, plus: FieldMap | None = None) -> dict[str, object]:
    """Return the usual maps of an orders flow as they were before these fields came."""
    kind = flow_kind("orders")
    maps = kind.default_maps(connector_class("visma_net"), kind.settings_model())
    gone = {(one.in_list, one.target) for one in places}
    orders = maps["orders"]
    fields = [one for one in orders.fields if ("", one.target) not in gone]
    lists = {name: tuple(one for one in rows if (name, one.target) not in gone) for name, rows in orders.lists.items()}
    earlier = orders.model_copy(update={"fields": (*fields, *((plus,) if plus else ())), "lists": lists})
    return stored_maps({**maps, "orders": earlier})


@pytest.fixture
def flow() -> Iterator[Flow]:
    with inside(make_organization()):
        yield make_flow("orders", maps=without(NOTE, TEXT))


def offered(flow: Flow) -> list[FieldPlace]:
    return [one.place for one in new_fields(flow, draft_state(flow).maps)]


def test_fields_that_came_later_are_offered_of_the_record_and_of_its_lines(flow: Flow):
    assert offered(flow) == [NOTE, TEXT]


def test_they_go_to_the_draft_as_one_edit_with_their_defaults(flow: Flow):
    state = add_new_fields(flow, author=None)

    usual = flow_kind("orders").default_maps(connector_class("visma_net"), flow_kind("orders").settings_model())
    assert [one.place for one in state.changes] == [NOTE, TEXT]
    assert find_field(state.maps, NOTE) == find_field(usual, NOTE)
    assert offered(flow) == []
    assert not drafts.undo(flow, author=None).has_changes


def test_what_a_person_took_out_is_not_offered_again(flow: Flow):
    with_all = add_new_fields(flow, author=None).maps
    publish(flow, stored_maps(with_all), note="")
    publish(flow, without(NOTE), note="without the note")

    assert offered(Flow.objects.get(pk=flow.pk)) == []


def test_nothing_is_added_below_a_field_that_is_mapped_as_a_whole():
    whole = FieldMap(target="shipping.address", source="custom_fields.place")
    below = [
        FieldPlace("orders", "", f"shipping.address.{name}") for name in ("line1", "postalCode", "city", "countryId")
    ]
    with inside(make_organization()):
        flow = make_flow("orders", maps=without(*below, plus=whole))

        assert CITY not in offered(flow)


def test_a_version_that_cannot_be_read_today_is_no_hindrance(flow: Flow):
    MapVersion.objects.create(flow=flow, number=0, maps={"orders": {"fields": [{"target": "note", "old": 1}]}})

    assert offered(flow) == [TEXT]
    assert read_maps(flow.map_version.maps)
