"""The draft of a flow's maps: edits, undo, two people at once, and what keeps it from going live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apicenter.audit import Actor, acting_as
from apicenter.organizations.models import AuditEntry, User
from connectors.maps import FieldMap, Step, When
from connectors.services import offline_connector
from flows.catalog.registry import flow_kind
from flows.maps import drafts, versions
from flows.maps.changes import FieldPlace, apply_changes, diff_maps, find_field, read_maps
from flows.maps.checks import NotPublishable, check_maps
from flows.maps.drafts import DraftMoved, NotMaps, draft_state, set_field
from flows.models import Flow, MapDraft, MapVersion
from tests.factories import DEFAULT_MAPS, inside, make_flow, make_organization, make_table, make_user

pytestmark = pytest.mark.django_db
NAME = FieldPlace("products", "", "name")
CODE = FieldPlace("products", "", "code")
CAPITALS = FieldMap(target="name", source="name", steps=(Step(fn="upper"),))


@pytest.fixture
def sofie() -> User:
    return make_user()


@pytest.fixture
def joris() -> User:
    return make_user("joris@example.com", name="Joris De Wilde")


@pytest.fixture
def flow(sofie: User) -> Iterator[Flow]:
    with inside(make_organization(owner=sofie)):
        made = make_flow("products")
        make_table(made, "vat", {"21": "high"})
        yield made


def test_without_a_draft_the_live_maps_are_shown(flow: Flow):
    state = draft_state(flow)

    assert (state.version, state.has_changes) == (0, False)
    assert state.maps == read_maps(DEFAULT_MAPS)


def test_an_edit_goes_to_the_draft_and_not_to_what_is_live(flow: Flow, sofie: User):
    state = set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    assert [one.place for one in state.changes] == [NAME]
    assert find_field(state.maps, NAME) == CAPITALS
    flow.refresh_from_db()
    assert flow.map_version.maps == DEFAULT_MAPS


def test_a_field_put_back_as_it_was_is_no_change(flow: Flow, sofie: User):
    state = set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    state = drafts.revert_field(flow, NAME, author=sofie, seen=state.version)

    assert not state.has_changes


def test_edits_can_be_undone_and_done_again(flow: Flow, sofie: User):
    before = draft_state(flow).maps
    set_field(flow, NAME, None, author=sofie, seen=0)

    undone = drafts.undo(flow, author=sofie)
    again = drafts.redo(flow, author=sofie)

    assert undone.maps == before
    assert find_field(again.maps, NAME) is None


def test_undo_without_an_edit_does_nothing(flow: Flow, sofie: User):
    assert drafts.undo(flow, author=sofie).version == 0
    assert not MapDraft.objects.exists()


def test_two_people_do_not_overwrite_each_other(flow: Flow, sofie: User, joris: User):
    set_field(flow, NAME, CAPITALS, author=joris, seen=0)

    with pytest.raises(DraftMoved) as moved:
        set_field(flow, NAME, None, author=sofie, seen=0)

    assert "Joris De Wilde" in str(moved.value)
    assert find_field(draft_state(flow).maps, NAME) == CAPITALS


def test_two_people_may_change_different_fields_at_once(flow: Flow, sofie: User, joris: User):
    set_field(flow, NAME, CAPITALS, author=joris, seen=0)

    state = set_field(flow, FieldPlace("products", "", "currency"), None, author=sofie, seen=0)

    assert len(state.changes) == 2
    assert {one.name for one in state.editors} == {"Sofie Claes", "Joris De Wilde"}


def test_a_person_does_not_conflict_with_themselves(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    assert find_field(set_field(flow, NAME, None, author=sofie, seen=0).maps, NAME) is None


def test_a_whole_draft_is_only_replaced_while_it_is_the_one_that_was_read(flow: Flow, sofie: User):
    state = set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    with pytest.raises(DraftMoved):
        drafts.set_maps(flow, DEFAULT_MAPS, author=sofie, expected=state.version - 1)
    assert not drafts.set_maps(flow, DEFAULT_MAPS, author=sofie, expected=state.version).has_changes


@pytest.mark.parametrize(
    "maps",
    [
        {},
        {"products": DEFAULT_MAPS["products"], "orders": {"fields": []}},
        {"products": {"fields": [{"target": "code"}]}},
        {"products": {"fields": [], "other": 1}},
    ],
)
def test_what_is_no_set_of_maps_of_this_flow_is_refused(flow: Flow, sofie: User, maps: dict[str, Any]):
    with pytest.raises(NotMaps):
        drafts.set_maps(flow, maps, author=sofie)
    assert not draft_state(flow).has_changes


def test_a_discarded_draft_is_gone_and_in_the_audit_trail(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    drafts.discard(flow)

    assert not draft_state(flow).has_changes
    assert AuditEntry.objects.get().after == {"name": "changed"}


def test_publishing_makes_the_next_version_and_says_who_did_it(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    with acting_as(Actor(sofie)):
        version = versions.publish_draft(flow, note="Capitals", author=sofie)

    flow.refresh_from_db()
    assert flow.map_version == version
    assert (version.number, version.note, version.author) == (2, "Capitals", sofie)
    assert find_field(drafts.live_maps(flow), NAME) == CAPITALS
    assert not MapDraft.objects.exists()
    entry = AuditEntry.objects.get(action="map.published")
    assert (entry.user, entry.after["name"], entry.after["version"]) == (sofie, "changed", 2)


def test_an_unchanged_draft_is_not_published(flow: Flow, sofie: User):
    with pytest.raises(versions.NothingToPublish):
        versions.publish_draft(flow, note="", author=sofie)


def test_a_draft_that_somebody_changed_since_is_not_published(flow: Flow, sofie: User, joris: User):
    state = set_field(flow, NAME, CAPITALS, author=sofie, seen=0)
    set_field(flow, FieldPlace("products", "", "currency"), None, author=joris, seen=0)

    with pytest.raises(DraftMoved):
        versions.publish_draft(flow, note="", author=sofie, expected=state.version)


@pytest.mark.parametrize(
    ("place", "field", "named"),
    [
        (NAME, None, "Name"),
        (NAME, FieldMap(target="name", source="name", when=When.NEVER), "Name"),
        (NAME, FieldMap(target="name", source="name", steps=(Step(fn="uper"),)), "Name"),
        (NAME, FieldMap(target="name", source="name", table="colours"), "Name"),
        (NAME, FieldMap(target="name", expression="name ||"), "Name"),
        (CODE, FieldMap(target="code", source="sku", when=When.ON_CREATE), "Product code"),
        (
            FieldPlace("products", "", "code.part"),
            FieldMap(target="code.part", source="sku"),
            "code.part",
        ),
    ],
)
def test_publishing_is_refused_with_the_field_that_cannot_work(
    flow: Flow, sofie: User, place: FieldPlace, field: FieldMap | None, named: str
):
    set_field(flow, place, field, author=sofie, seen=0)

    with pytest.raises(NotPublishable) as refused:
        versions.publish_draft(flow, note="", author=sofie)

    assert str(refused.value).startswith(f"{named}: ")
    flow.refresh_from_db()
    assert flow.map_version.number == 1


def test_the_live_maps_are_sound(flow: Flow):
    assert check_maps(flow, drafts.live_maps(flow)) == []


@pytest.mark.parametrize("kind", ["orders", "invoices", "customers"])
def test_the_maps_a_flow_starts_with_may_be_published_though_no_setting_uses_its_table(sofie: User, kind: str):
    with inside(make_organization(owner=sofie)):
        flow = make_flow(kind)
        rules = flow_kind(kind)
        usual = rules.settings_model()
        for spec in rules.tables_for(offline_connector(flow.target), usual):
            make_table(flow, spec.name, {})

        assert check_maps(flow, rules.default_maps(offline_connector(flow.target), usual)) == []


def test_restoring_makes_a_new_version_and_keeps_the_draft(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)
    versions.publish_draft(flow, note="Capitals", author=sofie)
    set_field(flow, FieldPlace("products", "", "currency"), None, author=sofie, seen=0)

    restored = versions.restore(flow, MapVersion.objects.get(number=1), author=sofie)

    flow.refresh_from_db()
    state = draft_state(flow)
    assert (flow.map_version, restored.number) == (restored, 3)
    assert drafts.live_maps(flow) == read_maps(DEFAULT_MAPS)
    assert [one.place.target for one in state.changes] == ["currency"]
    assert AuditEntry.objects.filter(action="map.restored").exists()


def test_a_version_that_cannot_run_any_more_is_not_restored(flow: Flow, sofie: User):
    broken = {"products": {"fields": [{"target": "code", "source": "sku"}], "lists": {}}}
    old = MapVersion.objects.create(flow=flow, number=2, maps=broken)

    with pytest.raises(NotPublishable, match="Name"):
        versions.restore(flow, old, author=sofie)


def test_a_version_is_laid_into_the_draft_to_go_on_from(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)
    versions.publish_draft(flow, note="", author=sofie)

    state = versions.copy_to_draft(flow, MapVersion.objects.get(number=1), author=sofie)

    assert [one.place for one in state.changes] == [NAME]


def test_differences_applied_to_the_old_maps_give_the_new_ones():
    old = read_maps(DEFAULT_MAPS)
    new = read_maps({"products": {"fields": [*DEFAULT_MAPS["products"]["fields"][1:]], "lists": {"rows": []}}})
    changes = diff_maps(old, new)

    assert apply_changes(old, changes)["products"].fields == new["products"].fields
    assert apply_changes(new, [one.reversed for one in changes])["products"].fields == old["products"].fields


def test_the_draft_of_another_organization_is_not_seen(flow: Flow, sofie: User):
    set_field(flow, NAME, CAPITALS, author=sofie, seen=0)

    with inside(make_organization("Elsewhere")):
        assert not MapDraft.objects.exists()
