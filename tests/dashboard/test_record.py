"""The page of one record: the verdict, each field with its rule, what stood there before, and what helps."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import AuditEntry, Membership
from connectors.base import FieldInfo
from dashboard.record.field_lines import FieldLine, field_lines
from dashboard.record.field_names import field_title
from dashboard.record.marked_lines import differing, fault_marks
from dashboard.record.panes import no_mark, pane_of
from dashboard.record.record_page import build_record_page
from dashboard.record.record_verdict import why_not_again
from flows.maps.field_lists import keep_fields
from flows.models import MapVersion, RunRecord, ValueRow
from flows.needs.would_send import would_send
from tests.dashboard.company import PRODUCT, Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_record, make_run, make_table, make_user

pytestmark = pytest.mark.django_db

MAP = {
    "products": {
        "fields": [
            {
                "target": "name",
                "source": "name",
                "steps": [{"fn": "trim"}, {"fn": "truncate", "args": {"length": 255}}],
            },
            {"target": "price.amount", "source": "price.amount"},
            {"target": "tax_rate_id", "source": "vat_code", "table": "vat"},
            {"target": "text", "source": "long_text", "when": "on_create"},
            {"target": "note", "source": "note", "when": "if_untouched"},
        ],
        "lists": {
            "lines": [
                {"target": "quantity", "source": "quantity"},
                {"target": "vat", "source": "vat_code", "table": "vat"},
            ]
        },
    }
}


@pytest.fixture
def company() -> Company:
    company = make_company()
    with inside(company.organization):
        company.products.map_version = MapVersion.objects.create(flow=company.products, number=7, maps=MAP)
        company.products.save()
        table = make_table(company.products, "vat")
        ValueRow.objects.create(table=table, key="BE21", value="c6b8", value_label="21 % (BE)")
    return company


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def updated(company: Company, exchange: Any, **values: Any) -> RunRecord:
    defaults = {"state": RunRecord.State.UPDATED, "map_version": company.products.map_version, **values}
    return make_record(company.run, "SKU-9", exchange=exchange, created_at=timezone.now(), **defaults)


def line(company: Company, exchange: Any, path: str, *, earlier: Any = None, **values: Any) -> FieldLine:
    with inside(company.organization):
        lines = field_lines(updated(company, exchange, **values), exchange, earlier or {})
    return next(one for one in lines if one.path == path)


def test_a_change_shows_what_was_read_before_it_and_the_rule(company: Company):
    exchange = {"fields": {"name": "Arca 40, brass"}, "before": {"name": "Arca 40"}}

    found = line(company, exchange, "name")

    assert (found.state, found.before, found.sent) == ("changed", "Arca 40", "Arca 40, brass")
    assert found.rule == "Description, Trim spaces, Cut to length (255)"
    assert not found.is_last_sent


def test_without_a_reading_what_was_sent_last_is_named_as_that(company: Company):
    found = line(company, {"fields": {"name": "B"}, "changed": ["name"]}, "name", earlier={"fields": {"name": "A"}})

    assert (found.state, found.before, found.is_last_sent) == ("changed", "A", True)


def test_what_nobody_knows_is_not_guessed(company: Company):
    found = line(company, {"fields": {"name": "B"}}, "name")

    assert (found.state, found.before) == ("sent", None)


def test_a_field_that_holds_the_same_is_quiet(company: Company):
    found = line(company, {"fields": {"price.amount": 194.5}, "before": {"price.amount": 194.50}}, "price.amount")

    assert found.state == "same"
    assert found.is_quiet


def test_a_value_of_a_table_goes_by_its_label(company: Company):
    found = line(company, {"fields": {"tax_rate_id": "c6b8"}, "before": {}}, "tax_rate_id")

    assert (found.sent, found.before) == ("21 % (BE)", "")
    assert found.rule == "VAT category, table VAT"


@pytest.mark.parametrize(("path", "why"), [("text", "only when it is new"), ("note", "somebody edited it")])
def test_a_field_that_was_kept_says_why(company: Company, path: str, why: str):
    found = line(company, {"fields": {"name": "B"}, "before": {"name": "A"}}, path)

    assert found.state == "kept"
    assert why in found.note


def test_a_field_without_a_value_is_not_said_to_be_edited(company: Company):
    found = line(company, {"fields": {"name": "B"}, "before": {}, "kept": []}, "note")

    assert (found.state, found.note) == ("empty", "Not sent: the record gives no value for it.")


def test_the_rows_of_a_list_are_told_one_by_one(company: Company):
    exchange = {"fields": {"lines": [{"quantity": 1, "vat": "c6b8"}, {"quantity": 2, "vat": "x"}]}}

    found = line(company, exchange, "lines[2].quantity", state=RunRecord.State.CREATED)

    assert (found.state, found.sent, found.title) == ("new", "2", "Lines[2] › quantity")


def test_the_field_that_holds_a_record_back_comes_first(company: Company):
    with inside(company.organization):
        record = updated(company, None, state=RunRecord.State.NEEDS_YOU, code="vat.no_pair", field="lines[2].vat")
        lines = field_lines(record, {}, {})

    assert [(one.path, one.state) for one in lines] == [("lines[2].vat", "failed")]
    assert "table" in lines[0].rule


def test_an_older_exchange_without_fields_is_read_from_what_was_sent(company: Company):
    found = line(company, {"sent": {"price": {"amount": 5}}}, "price.amount")

    assert found.sent == "5"


def test_the_page_tells_the_verdict_the_fields_and_the_way_it_went(company: Company, client: Client):
    with inside(company.organization):
        record = updated(
            company,
            {
                "sent": {"name": "B"},
                "fields": {"name": "B", "price.amount": 5},
                "before": {"name": "A", "price.amount": 5},
            },
            tries=[{"at": timezone.now().isoformat(), "what": "tried", "state": "updated", "code": ""}],
        )

    page = client.get(f"/log/{record.pk}/").content.decode()
    every = client.get(f"/log/{record.pk}/?fields=all").content.decode()

    assert "Updated in Teamleader Focus: 1 field has another value now." in page
    assert '<span class="was">A</span>' in page
    assert "Sent and accepted" in page
    assert "It was accepted. When it changes in Visma.net ERP, it is sent again by itself." in page
    assert 'title="price.amount"' not in page
    assert 'title="price.amount"' in every


def test_yellow_lines_are_those_that_differ_from_the_last_time_it_was_sent(company: Company):
    with inside(company.organization):
        earlier = updated(company, {"sent": {"name": "A"}}, source={"name": "a", "price": 5})
        RunRecord.objects.filter(pk=earlier.pk).update(created_at=timezone.now() - timedelta(days=1))
        record = make_record(
            company.orders.runs.first(), "SKU-9", flow=company.products, kind="products", created_at=timezone.now(),
            source={"name": "b", "price": 5}, exchange={"sent": {"name": "B"}, "fields": {"name": "B"}},
            state=RunRecord.State.UPDATED, map_version=company.products.map_version,
        )  # fmt: skip
        page = build_record_page(record)

    marked = ["".join(piece.text for piece in one.pieces).strip() for one in page.received.lines if one.css]
    assert marked == ['"name": "b",']
    assert page.lines[0].before == "A"


def test_the_value_a_cause_names_is_red():
    marks = fault_marks({"key": "c6b8", "table": "vat"}, no_mark)

    pane = pane_of({"lines": [{"tax": "aaaa"}, {"tax": "c6b8"}]}, marks=marks)

    assert [line.css for line in pane.lines if "tax" in "".join(piece.text for piece in line.pieces)] == ["", "er"]


def test_lines_put_together_are_the_text_again():
    pane = pane_of({"a": [1, {"b": "x\ny"}], "c": {}})

    text = "\n".join("".join(piece.text for piece in line.pieces) for line in pane.lines)

    assert text == "".join(piece.text for piece in pane.pieces)


def test_only_what_differs_differs():
    before = {"a": 1, "b": {"c": "x"}, "l": [1, 2]}

    assert differing({"a": 1.0, "b": {"c": "y"}, "l": [1, 2, 3], "n": None}, before) == {"b.c", "l[3]", "n"}
    assert differing({"a": 1}, None) == set()


@pytest.mark.parametrize(
    ("path", "title"),
    [("selling_price.amount", "Selling price › amount"), ("orderType", "Order type"), ("", "")],
)
def test_a_path_reads_as_words(path: str, title: str):
    assert field_title(path).casefold() == title.casefold()


def test_a_deal_links_to_its_page_in_the_source(company: Company, client: Client):
    with inside(company.organization):
        raw = {
            "deal": {"web_url": "https://focus.teamleader.example/deal/5"},
            "company": {"web_url": "https://x.example/"},
        }
        record = make_record(company.held.run, "2026/1", source=raw)
        bad = make_record(company.held.run, "2026/2", source={"deal": {"web_url": "javascript:alert(1)"}})

    assert 'href="https://focus.teamleader.example/deal/5"' in client.get(f"/log/{record.pk}/").content.decode()
    assert 'href="javascript:' not in client.get(f"/log/{bad.pk}/").content.decode()


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("created", "It was accepted."),
        ("waiting", "It goes on by itself"),
        ("unchanged", "Nothing differs"),
        ("skipped", "It was left out"),
    ],
)
def test_send_again_is_off_with_a_reason(company: Company, client: Client, state: str, why: str):
    with inside(company.organization):
        record = make_record(company.run, "SKU-X", state=state)

    page = client.get(f"/log/{record.pk}/").content.decode()

    assert 'disabled aria-describedby="why-off"' in page
    assert why in page


def test_a_field_of_the_account_goes_by_its_name(company: Company):
    with inside(company.organization):
        own = FieldInfo("custom_fields.6956206e", "Order number in ERP", is_custom=True)
        keep_fields(company.products.target, "target:products", [own])
        field = {"target": own.path, "source": "resolved.status_text"}
        version = MapVersion.objects.create(
            flow=company.products, number=8, maps={"products": {"fields": [field], "lists": {}}}
        )
        record = make_record(make_run(company.products), "1", map_version=version)

        (line,) = field_lines(record, {"sent": {"custom_fields": {"6956206e": "000012"}}}, {})

    assert (line.title, line.rule, line.sent) == ("Order number in ERP", "Status of the order in words", "000012")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "What changes in Teamleader Focus afterwards is not sent"),
        ({"after_change": "change_warn"}, "you are shown what differs and asked"),
        ({"after_change": "change_update"}, "it is changed in Visma.net ERP while nobody has worked on it"),
    ],
)
def test_an_order_that_was_sent_says_what_a_later_change_leads_to(
    company: Company, settings: dict[str, str], said: str
):
    with inside(company.organization):
        company.orders.settings |= settings
        record = make_record(company.orders.runs.first(), "2026/7", flow=company.orders, kind="orders", state="created")

        assert said in why_not_again(record, waits_for_pair=False)


def test_a_product_flow_that_leaves_what_exists_does_not_promise_to_send_it_again(company: Company):
    with inside(company.organization):
        company.products.settings |= {"update_existing": False}
        record = make_record(company.run, "SKU-7", flow=company.products, kind="products", state="unchanged")

        assert "this flow leaves what exists as it is" in why_not_again(record, waits_for_pair=False)


def test_setting_aside_is_undone_from_its_message_and_from_the_page(company: Company, client: Client):
    path = f"/log/{company.held.pk}/"

    told = client.post(f"{path}set-aside/", follow=True).content.decode()
    token = re.search(r'name="token" value="(\w+)"', told)
    assert token is not None
    client.post("/log/undo/", {"token": token[1], "next": path})
    undone = client.get(path).content.decode()
    again = client.post("/log/undo/", {"token": token[1], "next": path}, follow=True).content.decode()
    client.post(f"{path}set-aside/")
    shown = client.get(path).content.decode()
    back = client.post(f"{path}take-back/", follow=True).content.decode()

    assert "1 record needs you again" in undone
    assert "nothing was taken back" in again
    assert f'action="{path}take-back/"' in shown
    assert "1 record needs you again" in back
    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.NEEDS_YOU
        assert AuditEntry.objects.filter(action="record.taken_back").count() == 2


def test_records_set_aside_together_are_taken_back_together(company: Company, client: Client):
    with inside(company.organization):
        held = [str(row.pk) for row in RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU)]

    client.post("/log/selected/", {"record": held, "do": "aside", "sure": "1"})
    client.post("/log/undo/", {"token": client.session["undo_aside"]["token"]})

    with inside(company.organization):
        assert RunRecord.objects.filter(pk__in=held, state=RunRecord.State.NEEDS_YOU).count() == len(held) > 1


def test_a_note_is_read_on_every_row_of_the_record_and_counted_in_the_log(company: Company, client: Client):
    with inside(company.organization):
        later = make_record(
            make_run(company.orders, minutes_ago=1), source_key=company.held.source_key, natural_key="2026/1193"
        )
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    reader = Client()
    reader.force_login(viewer)

    client.post(f"/log/{company.held.pk}/notes/", {"text": "Asked <Sofie>."})
    refused = client.post(f"/log/{company.held.pk}/notes/", {"text": "x" * 1001}).content.decode()
    read = reader.get(f"/log/{later.pk}/").content.decode()
    forbidden = reader.post(f"/log/{later.pk}/notes/", {"text": "Me too."}).status_code

    assert "Asked &lt;Sofie&gt;." in read
    assert 'name="text"' not in read
    assert "x" * 1001 in refused
    assert forbidden == 403
    assert reader.get("/log/?q=2026/1193").content.decode().count('title="1 note"') == 2
    with inside(company.organization):
        assert AuditEntry.objects.get(action="record.noted").who == str(company.owner)


def test_a_held_record_shows_what_would_be_sent_up_to_what_is_missing(company: Company, client: Client):
    fields = [
        {"target": "name", "source": "name"},
        {"target": "tax_rate_id", "source": "vat_code", "table": "vat"},
        {"target": "custom.api_key", "source": "name"},
        {"target": "unit_id", "source": "resolved.unit", "required": True},
    ]
    with inside(company.organization):
        company.products.map_version = MapVersion.objects.create(
            flow=company.products, number=8, maps={"products": {"fields": fields}}
        )
        company.products.save()
        held = make_record(
            company.run, "SKU-9", kind="products", state="needs_you", code="vat.no_pair",
            params={"table": "vat", "key": "BE6", "value": "6 %"}, field="tax_rate_id",
            source={**PRODUCT, "vatCode": {"id": "BE6"}}, map_version=company.products.map_version,
        )  # fmt: skip

        draft = would_send(RunRecord.objects.get(pk=held.pk))
    page = client.get(f"/log/{held.pk}/").content.decode()

    assert draft is not None
    assert (draft.payload["name"], list(draft.failed), draft.later) == (
        "hanglamp Arca 40, messing", ["tax_rate_id"], ["unit_id"],
    )  # fmt: skip
    shown = page[page.index('id="planned"') : page.index('id="answer"') if 'id="answer"' in page else None]
    assert "hanglamp Arca 40, messing" in shown
    assert shown.count("hanglamp Arca 40, messing") == 1  # the other one is blacked out
    assert "cannot be made" in shown
    assert "Looked up when it is sent" in shown
