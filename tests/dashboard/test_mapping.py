"""The mapping editor as pages: look, edit, undo, pair, publish, history; who may, and who may not."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.organizations.models import Membership
from connectors.base import FieldInfo
from connectors.maps import FieldMap, Step, When
from connectors.models import Connection
from dashboard.mapping.words import step_words
from flows.maps.changes import FieldPlace, find_field
from flows.maps.drafts import draft_state, set_field
from flows.maps.field_lists import keep_fields
from flows.models import MapDraft, MapVersion, RunRecord, ValueRow
from tests.dashboard.company import Company, make_company
from tests.factories import add_member, inside, make_organization, make_record, make_run, make_table, make_user

pytestmark = pytest.mark.django_db
NAME = "products||name"
RAW = {
    "organization": {"baseCurrency": "EUR"},
    "inventoryNumber": "VV-77",
    "description": "Vloerlamp Lund, eik",
    "status": "Active",
    "type": "FinishedGoodItem",
    "defaultPrice": 339.0,
    "vatCode": {"id": "BE21"},
    "body": "<p>Massief eik</p>",
    "lastModifiedDateTime": "2026-11-19T14:08:33.12",
}


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        make_table(company.products, "vat", {"BE21": "high", "BE6": "low"})
        make_record(make_run(company.products, minutes_ago=1), "VV-77", source=RAW, label="Vloerlamp Lund, eik")
    return company


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(company: Company, query: str = "") -> str:
    return f"/flows/{company.products.pk}/map/{query}"


def edit(client: Client, company: Company, do: str, *, place: str = NAME, query: str = "", **values: object):
    data = {"place": place, "version": draft_of(company).version, "do": do, **values}
    return client.post(page_of(company, f"edit/{query}"), data)


def draft_of(company: Company):
    with inside(company.organization):
        return draft_state(type(company.products).objects.get(pk=company.products.pk))


def field_of(company: Company, target: str = "name") -> FieldMap | None:
    return find_field(draft_of(company).maps, FieldPlace("products", "", target))


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_rows_stand_under_the_targets_own_headings_with_their_result(client: Client, company: Company):
    page = client.get(page_of(company, "?as=new")).context["page"]

    titles = {group.title: [row.title for row in group.rows] for group in page.groups}
    assert titles["Identity"] == ["Product code", "Name"]
    assert {row.title: row.outcome.text for row in page.rows}["Name"] == "Vloerlamp Lund, eik"
    assert page.sample.row.natural_key == "VV-77"


def test_the_panel_offers_every_source_with_its_value(client: Client, company: Company):
    page = text_of(client, page_of(company, "?field=name"))

    assert "Suggestions" in page
    assert "339.0" in page
    assert "raw.vatCode.id" in page
    assert "Cut the text after this many characters." in page


def test_a_chosen_source_goes_to_the_draft(client: Client, company: Company):
    answer = edit(client, company, "source", source="long_text", query="?field=name")

    assert answer["Location"] == page_of(company, "?field=name")
    assert field_of(company).source == "long_text"
    assert field_of(company).steps, "the functions stay"


def test_a_second_source_is_added_and_joined(client: Client, company: Company):
    edit(client, company, "source", source="sku", also="on")
    edit(client, company, "source", source="title", also="on")

    field = field_of(company)
    assert field.source == "name | sku | title"
    assert [step.fn for step in field.steps] == ["join", "truncate"]


def test_htmx_gets_the_editor_alone(client: Client, company: Company):
    data = {"place": NAME, "version": 0, "do": "toggle_update"}

    answer = client.post(page_of(company, "edit/?field=name"), data, headers={"hx-request": "true"})

    assert answer.content.decode().lstrip().startswith('<div class="editor')
    assert field_of(company).when is When.ON_CREATE


def test_the_boxes_go_through_what_a_field_can_be(client: Client, company: Company):
    seen = []
    for do in ("toggle_update", "toggle_create", "toggle_create", "toggle_update"):
        edit(client, company, do)
        seen.append(field_of(company).when)

    assert seen == [When.ON_CREATE, When.NEVER, When.ON_CREATE, When.ALWAYS]


def test_hand_edits_may_win(client: Client, company: Company):
    edit(client, company, "when", on_create="on", on_update="on", mode="if_untouched")

    assert field_of(company).when is When.IF_UNTOUCHED


def test_functions_are_added_moved_changed_and_removed(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    edit(client, company, "move_step", index="1", to="up")
    edit(client, company, "step", index="1", **{"arg-length": "40"})
    assert [(step.fn, dict(step.args)) for step in field_of(company).steps] == [
        ("upper", {}),
        ("truncate", {"length": 40}),
    ]

    edit(client, company, "order", order="1,0")
    edit(client, company, "remove_step", index="0")
    assert [step.fn for step in field_of(company).steps] == ["upper"]


@pytest.mark.parametrize(
    ("fn", "given", "args"),
    [
        ("replace", {"arg-find": "a", "arg-put": ""}, {"find": "a", "put": ""}),
        (
            "map_value",
            {"arg-pairs": "S = Small\nL=Large", "arg-otherwise": ""},
            {"pairs": {"S": "Small", "L": "Large"}},
        ),
        ("default_if_empty", {"arg-default": " x"}, {"default": " x"}),
        ("multiply", {"arg-number": "1,5"}, {"number": "1.5"}),
        ("month_edge", {"arg-edge": "end"}, {"edge": "end"}),
    ],
)
def test_arguments_are_read_as_their_function_wants_them(
    client: Client, company: Company, fn: str, given: dict[str, str], args: dict[str, object]
):
    edit(client, company, "add_step", fn=fn)
    edit(client, company, "step", index="1", **given)

    assert dict(field_of(company).steps[1].args) == args


@pytest.mark.parametrize("fn", ["truncate", "map_value", "take_part", "vat_number", "local_date", "find_pattern"])
def test_a_function_that_is_added_can_run_at_once(client: Client, company: Company, fn: str):
    edit(client, company, "add_step", fn=fn)

    assert field_of(company).steps[-1].fn == fn
    assert "does not fit" not in " ".join(one.text for one in client.get(page_of(company)).context["page"].problems)


def test_a_wrong_argument_is_told_where_it_stands_and_not_saved(client: Client, company: Company):
    answer = edit(client, company, "step", index="0", query="?field=name", **{"arg-length": "many"})

    assert answer.status_code == 422
    assert answer.context["page"].inspector.steps[0].error
    assert not draft_of(company).has_changes


def test_a_wrong_expression_is_told_and_not_saved(client: Client, company: Company):
    answer = edit(client, company, "expression", expression="name ||", query="?field=name")

    assert "the expression cannot be read" in answer.content.decode().lower()
    assert not draft_of(company).has_changes


def test_an_expression_and_a_fixed_value_take_the_place_of_the_source(client: Client, company: Company):
    edit(client, company, "expression", expression="name || sku")
    assert (field_of(company).source, field_of(company).expression) == ("", "name || sku")

    edit(client, company, "constant", constant="12")
    assert (field_of(company).expression, field_of(company).constant) == ("", "12")


def test_a_number_field_gets_a_number(client: Client, company: Company):
    edit(client, company, "constant", place="products||purchase_price.amount", constant="12,5")

    assert field_of(company, "purchase_price.amount").constant == 12.5


def test_a_value_table_is_put_behind_and_its_pair_set(client: Client, company: Company):
    edit(client, company, "table", place="products||tax_rate_id", table="vat")
    data = {"table": "vat", "key": "BE21", "value": "low"}

    client.post(page_of(company, "pair/?field=tax_rate_id"), data)

    with inside(company.organization):
        assert ValueRow.objects.get(table__flow=company.products, key="BE21").value == "low"


def test_a_field_that_is_not_mapped_yet_is_opened_and_filled(client: Client, company: Company):
    page = client.get(page_of(company, "?add=description")).context["page"]
    assert page.inspector.row.title == "Description"

    edit(client, company, "source", place="products||description", source="long_text")

    assert field_of(company, "description").source == "long_text"


def test_a_field_is_removed_and_brought_back(client: Client, company: Company):
    edit(client, company, "remove")
    page = client.get(page_of(company)).context["page"]
    row = next(row for row in page.rows if row.title == "Name")
    assert (row.is_missing, row.was.path, page.can_publish) == (True, "name", False)

    edit(client, company, "revert")

    assert not draft_of(company).has_changes


def test_the_key_is_always_sent(client: Client, company: Company):
    answer = edit(client, company, "remove", place="products||code")

    assert "always sent" in answer.content.decode()
    assert not draft_of(company).has_changes


def test_the_filters_show_problems_and_changes_only(client: Client, company: Company):
    edit(client, company, "toggle_update")

    changed = client.get(page_of(company, "?show=changed")).context["page"]
    problems = client.get(page_of(company, "?show=problems")).context["page"]

    assert [row.title for row in changed.rows] == ["Name"]
    assert [row.title for row in problems.rows] == []


def test_a_value_that_is_too_long_stops_publishing(client: Client, company: Company):
    with inside(company.organization):
        short = [FieldInfo("code", "Code", max_length=40), FieldInfo("name", "Name", max_length=5)]
        keep_fields(company.products.target, "target:products", short)
    edit(client, company, "toggle_update")

    page = client.get(page_of(company)).context["page"]

    assert [str(one) for one in page.problems] == ["Name: 19 characters, 5 fit"]
    refused = client.post(page_of(company, "publish/now/"), {"note": "x", "version": draft_of(company).version})
    assert refused.status_code == 422
    assert "19 characters" in refused.content.decode()


def test_somebody_elses_edit_is_not_overwritten(client: Client, company: Company):
    joris = make_user("joris@example.com", name="Joris De Wilde")
    add_member(company.organization, joris)
    edit(signed_in(joris), company, "toggle_update")

    answer = client.post(page_of(company, "edit/"), {"place": NAME, "version": 0, "do": "remove"})

    assert "Joris De Wilde changed this in the meantime" in answer.content.decode()
    assert field_of(company).when is When.ON_CREATE
    assert "Joris De Wilde is working in this draft too" in text_of(client, page_of(company))


def test_new_fields_are_offered_and_added_with_one_click(client: Client, company: Company):
    page = client.get(page_of(company)).content.decode()

    answer = client.post(page_of(company, "draft/new/"), headers={"HX-Request": "true"})

    assert 'id="new-fields"' in page
    assert 'id="new-fields"' not in answer.content.decode()
    assert draft_of(company).has_changes


def test_edits_are_undone_and_the_draft_thrown_away(client: Client, company: Company):
    edit(client, company, "toggle_update")
    edit(client, company, "toggle_create")

    client.post(page_of(company, "draft/undo/"))
    assert field_of(company).when is When.ON_CREATE
    client.post(page_of(company, "draft/redo/"))
    assert field_of(company).when is When.NEVER
    client.post(page_of(company, "draft/discard/"))
    assert draft_of(company).version == 0


def test_publishing_asks_for_a_note_and_makes_a_version(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    version = draft_of(company).version

    assert "Live now" in text_of(client, page_of(company, "publish/"))
    client.post(page_of(company, "publish/now/"), {"note": "Capitals", "version": version})

    with inside(company.organization):
        company.products.refresh_from_db()
        made = company.products.map_version
    assert (made.number, made.note, made.author) == (2, "Capitals", company.owner)


def test_the_history_shows_what_differs_and_restores(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    client.post(page_of(company, "publish/now/"), {"note": "Capitals", "version": draft_of(company).version})

    page = client.get(page_of(company, "history/")).context["page"]
    assert [line.title for line in page.lines] == ["Name"]
    assert [line.text for line in page.comparison.after if line.css] == ['  "name": "VLOERLAMP LUND, EIK",']

    client.post(page_of(company, "history/1/restore/"))
    client.post(page_of(company, "history/2/copy/"))
    with inside(company.organization):
        assert MapVersion.objects.filter(flow=company.products).count() == 3
        assert MapDraft.objects.filter(flow=company.products).exists()


def test_the_first_version_has_nothing_to_compare_with(client: Client, company: Company):
    assert "is the first" in text_of(client, page_of(company, "history/"))


def test_a_dry_run_that_cannot_reach_a_system_says_so(client: Client, company: Company):
    with inside(company.organization):
        Connection.objects.update(state=Connection.State.NEEDS_PERSON)

    answer = client.post(page_of(company, "trial/"), {"count": "10"})

    assert "The dry run could not be made." in answer.content.decode()


def test_a_target_that_cannot_be_read_is_told_plainly(client: Client, company: Company):
    with inside(company.organization):
        row = RunRecord.objects.filter(flow=company.products, natural_key="VV-77").get()
        row.target_id = "9"
        row.save()
        company.products.target.mark_problem("token.revoked", {"system": "Teamleader"})

    assert "now could not be read" in text_of(client, page_of(company))


def looked_at(company: Company) -> list[str]:
    return [page_of(company, path) for path in ("", "publish/", "trial/", "history/", "?field=name")]


def changed_by(company: Company) -> list[str]:
    paths = ("edit/", "draft/undo/", "draft/redo/", "draft/discard/", "pair/", "trial/", "publish/now/")
    return [page_of(company, path) for path in (*paths, "history/1/restore/", "history/1/copy/")]


def test_a_viewer_sees_everything_and_changes_nothing(company: Company):
    viewer = make_user("viewer@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    with inside(company.organization):
        place, off = FieldPlace("products", "", "name"), FieldMap(target="name", source="name", when=When.NEVER)
        set_field(company.products, place, off, author=None, seen=0)
    client = signed_in(viewer)

    assert {client.get(path).status_code for path in looked_at(company)} == {200}
    assert {client.post(path, {"do": "remove", "place": NAME}).status_code for path in changed_by(company)} == {403}
    page = text_of(client, page_of(company, "?field=name"))
    assert 'name="do"' not in page.replace('name="do" value="when"', "").replace('name="do" value="empty"', "").replace(
        'name="do" value="step"', ""
    )


def test_another_organization_finds_nothing(company: Company):
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = signed_in(stranger)

    assert {client.get(path).status_code for path in looked_at(company)} == {404}
    assert {client.post(path).status_code for path in changed_by(company)} == {404}


def test_a_visitor_is_asked_to_sign_in(company: Company):
    assert {Client().get(path).status_code for path in looked_at(company)} == {302}


@pytest.mark.parametrize(
    "query",
    ["?field=nothing", "?kind=nothing", "?record=nothing", "?list=x&field=y", "?add=", "?q=%00", "?as=x&show=y"],
)
def test_an_address_that_makes_no_sense_is_no_failure(client: Client, company: Company, query: str):
    assert client.get(page_of(company, query)).status_code == 200


@pytest.mark.parametrize("place", ["", "nothing", "orders||name", "products|lines|name", "products||"])
def test_a_field_of_nothing_is_refused(client: Client, company: Company, place: str):
    assert edit(client, company, "source", place=place, source="name").status_code == 422
    assert not draft_of(company).has_changes


ONLY_IF = {"index": "new", "if-0-field": "vat_code", "if-0-op": "eq", "if-0-value": "BE21", "gives": "constant"}


def test_rows_of_only_if_are_added_changed_moved_and_removed(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="High")
    edit(
        client,
        company,
        "case",
        **{**ONLY_IF, "if-0-op": "in", "if-0-value": "BE6, BE12", "gives": "source"},
        source="sku",
    )
    edit(client, company, "move_case", index="1", to="up")
    edit(client, company, "case", **{**ONLY_IF, "index": "1", "gives": "nothing"})

    first, second = field_of(company).cases
    assert (first.source, first.when["rules"][0]["value"]) == ("sku", ["BE6", "BE12"])
    assert (second.source, second.constant) == ("", None)

    edit(client, company, "remove_case", index="0")
    assert field_of(company).cases == (second,)


def test_the_row_that_fits_the_record_is_shown_with_what_it_comes_to(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="Named by a row")

    page = text_of(client, page_of(company, "?field=name"))
    assert "this record" in page
    assert page.count("Named by a row") >= 4  # the chip, the row, its box, the result


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"if-0-field": ""}, "Choose the field to compare."),
        ({"if-0-value": ""}, "Fill in a value."),
        ({"constant": ""}, "Fill in the value."),
        ({"gives": "source"}, "Choose a source first."),
        ({"if-0-field": "name", "if-0-op": "matches", "if-0-value": "("}, "This pattern cannot be read."),
    ],
)
def test_a_row_that_says_nothing_is_refused_and_kept_in_its_boxes(
    client: Client, company: Company, sent: dict[str, str], said: str
):
    response = edit(client, company, "case", **{**ONLY_IF, "constant": "Kept", **sent})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert sent.get("constant", "Kept") in response.content.decode()
    assert field_of(company).cases == ()


def test_a_row_of_only_if_stands_in_the_history(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="High")
    client.post(page_of(company, "publish/now/"), {"note": "Names", "version": draft_of(company).version})

    assert "is “BE21”: High" in text_of(client, page_of(company, "history/"))


def test_a_look_up_offers_what_the_target_has_and_is_checked_before_it_goes_live(client: Client, company: Company):
    edit(client, company, "add_step", fn="look_up")

    page = text_of(client, page_of(company, "?field=name"))
    assert "Choose what to look in: Teamleader Focus does not have it." in page  # the example is of the other system
    assert '<option value="payment_terms">Payment terms</option>' in page
    assert '<option value="products.code">Products by code</option>' in page

    at = len(field_of(company).steps) - 1
    edit(client, company, "step", index=at, **{"arg-where": "payment_terms", "arg-give": "name"})
    page = text_of(client, page_of(company, "?field=name"))
    assert "Choose what to look in" not in page
    assert field_of(company).steps[at].args == {"where": "payment_terms", "give": "name"}


def test_a_look_up_names_its_list_and_what_is_taken_of_it():
    step = Step.model_validate({"fn": "look_up", "args": {"where": "carriers", "give": "name"}})

    assert step_words(step) == "Look up in the other system: Shipping methods, Name"
