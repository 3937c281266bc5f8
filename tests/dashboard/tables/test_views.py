"""The pages of value tables: what they show, what they change, and to whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import AuditEntry, Membership
from connectors.base import Option
from connectors.models import Connection
from dashboard.tables.urls import urlpatterns
from flows.models import RunRecord, ValueRow, ValueTable
from flows.tables.option_lists import OptionList
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_organization, make_table, make_user

pytestmark = pytest.mark.django_db
RATES = {"c6b8": "0.055", "BE 21 %": "0.21", "BE 6 %": "0.06", "se25": "0.25"}
CATEGORIES = {"BE21": "0.21", "BE6": "0.06", "FR20": "0.20", "FR055": "0.055", "SE25": "0.25"}


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.owner)


def keep_list(connection: Connection, name: str, rates: dict[str, str]) -> None:
    options = tuple(Option(value, f"{value} · label", rate=Decimal(rate)) for value, rate in rates.items())
    cache.set(f"options:{connection.pk}:{name}:en", OptionList(options, read_at=timezone.now()), 60)


@pytest.fixture
def lists(company: Company) -> None:
    """Both lists as they were read a moment ago."""
    keep_list(company.orders.source, "tax_rates", RATES)
    keep_list(company.orders.target, "vat_categories", CATEGORIES)


def path_of(company: Company, what: str = "") -> str:
    return f"/tables/{company.vat.pk}/{f'{what}/' if what else ''}"


def page_of(client: Client, company: Company) -> Any:
    return client.get(path_of(company)).context["page"]


def value_of(company: Company, key: str) -> tuple[str, bool] | None:
    with inside(company.organization):
        row = ValueRow.objects.filter(table=company.vat, key=key).first()
    return (row.value, row.is_confirmed) if row else None


def reading(company: Company) -> dict[str, str]:
    return {"all": "/tables/", "table": path_of(company), "export": path_of(company, "export")}


def changing(company: Company) -> dict[str, str]:
    return {name: path_of(company, name) for name in ("lists", "save", "add", "remove", "confirm", "rule", "undo")}


def test_every_address_is_in_these_tests(company: Company):
    assert {pattern.name for pattern in urlpatterns} == {*reading(company), *changing(company), "import"}


def test_a_stranger_gets_a_404(company: Company):
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = signed_in(stranger)
    addresses = [path for name, path in reading(company).items() if name != "all"]

    assert {client.get(path).status_code for path in [*addresses, path_of(company, "import")]} == {404}
    posts = [*changing(company).values(), path_of(company, "import")]
    assert {client.post(path).status_code for path in posts} == {404}


def test_a_viewer_reads_and_changes_nothing(company: Company, lists: None):
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    client = signed_in(viewer)

    assert {client.get(path).status_code for path in reading(company).values()} == {200}
    posts = [*changing(company).values(), path_of(company, "import")]
    assert {client.post(path).status_code for path in posts} == {403}
    page = client.get(path_of(company)).content.decode()
    assert "<select" not in page.split('id="table-page"')[1]
    assert not [path for path in changing(company).values() if path in page]


def test_what_changes_something_cannot_be_reached_by_a_link(company: Company, client: Client):
    assert {client.get(path).status_code for path in changing(company).values()} == {405}


def test_tables_of_others_are_not_in_the_list(company: Company, client: Client):
    make_company("other@example.com", name="Other", mark="ZZSECRETZZ")

    for path in reading(company).values():
        assert "ZZSECRETZZ" not in client.get(path).content.decode()


def test_the_missing_value_comes_first_with_how_many_wait_and_a_suggestion(
    company: Company, client: Client, lists: None
):
    line = page_of(client, company).lines[0]

    assert (line.label, line.waits, line.is_missing) == ("FR 5.5 %", 4, True)
    assert line.suggestion.value == "FR055"
    assert "Save and send 4 records" in client.get(path_of(company)).content.decode()


def test_saving_stores_what_was_changed_only_and_says_what_is_sent(company: Company, client: Client, lists: None):
    lines = {line.key: line for line in page_of(client, company).lines}

    page = client.post(
        path_of(company, "save"),
        {lines["c6b8"].name: "=FR055", lines["BE 21 %"].name: lines["BE 21 %"].choice},
        follow=True,
    ).content.decode()

    assert "Saved. 4 records are sent again." in page
    assert value_of(company, "c6b8") == ("FR055", True)
    with inside(company.organization):
        assert RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.WAITING
        assert AuditEntry.objects.count() == 1


def test_a_suggestion_is_taken_with_one_click(company: Company, client: Client, lists: None):
    client.post(path_of(company, "save"), {"use": page_of(client, company).lines[0].name})

    assert value_of(company, "c6b8") == ("FR055", True)


def test_leaving_a_row_open_and_sending_it_empty_are_two_things(company: Company, client: Client, lists: None):
    name = next(line.name for line in page_of(client, company).lines if line.key == "BE 6 %")

    client.post(path_of(company, "save"), {name: "!"})
    assert value_of(company, "BE 6 %") == ("", True)
    client.post(path_of(company, "save"), {name: ""})
    assert value_of(company, "BE 6 %") == ("", False)


def test_without_a_list_values_are_typed(company: Company, client: Client):
    cache.set(
        f"options:{company.orders.target.pk}:vat_categories:en",
        OptionList(read_at=timezone.now(), code="remote.unavailable", params={"system": "Visma.net"}),
    )
    keep_list(company.orders.source, "tax_rates", RATES)
    page = client.get(path_of(company)).content.decode()
    line = page_of(client, company).lines[0]
    assert "The list cannot be read now, so values are typed." in page

    client.post(path_of(company, "save"), {f"{line.name}-text": " FR055 "})

    assert value_of(company, "c6b8") == ("FR055", True)


def test_a_value_that_does_not_exist_is_refused(company: Company, client: Client, lists: None):
    name = page_of(client, company).lines[0].name

    page = client.post(path_of(company, "save"), {name: "=NOPE"}, follow=True).content.decode()

    assert "“NOPE” does not exist there." in page
    assert value_of(company, "c6b8") is None


def test_lists_are_asked_for_when_the_page_is_open_not_before(company: Company, client: Client):
    assert f'hx-get="{path_of(company)}?lists=1"' in client.get(path_of(company)).content.decode()


def test_a_change_can_be_taken_back_from_the_page_once(company: Company, client: Client, lists: None):
    name = next(line.name for line in page_of(client, company).lines if line.key == "BE 6 %")
    response = client.post(path_of(company, "remove"), {"remove": name}, follow=True)
    assert value_of(company, "BE 6 %") is None
    token = response.context["undo"]["token"]
    assert "The row is removed." in response.content.decode()

    client.post(path_of(company, "undo"), {"token": token})
    again = client.post(path_of(company, "undo"), {"token": token}, follow=True).content.decode()

    assert value_of(company, "BE 6 %") == ("BE6", True)
    assert "The table was changed again since" in again


def test_a_row_is_added_for_a_value_of_the_list_once(company: Company, client: Client, lists: None):
    client.post(path_of(company, "add"), {"key": "=se25", "value": "=SE25"})
    page = client.post(path_of(company, "add"), {"key": "=se25", "value": "=BE21"}, follow=True).content.decode()

    assert value_of(company, "se25") == ("SE25", True)
    assert "There is a row for that value already." in page


def test_a_table_of_two_keys_asks_for_both(company: Company, client: Client):
    with inside(company.organization):
        zones = make_table(company.orders, "vat_zone", {"BE|*": "BE", "FR|company": "EU", "*": "EXPORT"})

    client.post(f"/tables/{zones.pk}/add/", {"key-text": "NL", "second": "person", "value-text": "NL"})
    client.post(f"/tables/{zones.pk}/add/", {"key-text": "a|b", "second": "person", "value-text": "NL"})
    lines = client.get(f"/tables/{zones.pk}/").context["page"].lines

    assert [(line.key, line.parts) for line in lines] == [
        ("FR|company", ("FR", "Companies")),
        ("NL|person", ("NL", "Private persons")),
        ("BE|*", ("BE", "any")),
        ("*", ("any", "any")),
    ]


def test_suggestions_are_accepted_one_by_one_or_all_at_once(company: Company, client: Client, lists: None):
    with inside(company.organization):
        for key, value in (("se25", "SE25"), ("x", "FR20"), ("y", "BE21")):
            ValueRow.objects.create(table=company.vat, key=key, value=value)
    page = page_of(client, company)
    assert len(page.suggested) == 3
    name = next(line.name for line in page.suggested if line.key == "x")

    client.post(path_of(company, "confirm"), {"confirm": name})
    assert [value_of(company, key) for key in ("x", "y")] == [("FR20", True), ("BE21", False)]
    client.post(path_of(company, "confirm"), {"confirm": "certain"})
    assert [value_of(company, key) for key in ("se25", "y")] == [("SE25", True), ("BE21", False)]
    client.post(path_of(company, "confirm"), {"confirm": "all"})
    assert value_of(company, "y") == ("BE21", True)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"rule": "default", "default": "=FR20"}, ("default", "FR20")),
        ({"rule": "empty", "default": "=FR20"}, ("default", "")),
        ({"rule": "as_is"}, ("as_is", "")),
        ({"rule": "default", "default": ""}, ("block", "")),
        ({"rule": "default", "default": "=NOPE"}, ("block", "")),
        ({"rule": "nonsense"}, ("block", "")),
    ],
)
def test_the_rule_for_values_without_a_row(
    company: Company, client: Client, lists: None, sent: dict[str, str], stored: tuple[str, str]
):
    client.post(path_of(company, "rule"), sent)

    with inside(company.organization):
        table = ValueTable.objects.get(pk=company.vat.pk)
        waits = RunRecord.objects.get(pk=company.held.pk).state == RunRecord.State.WAITING
    assert (table.no_pair, table.default) == stored
    assert waits == (stored[0] != "block")


def test_rows_whose_value_is_gone_are_named_and_removed_together(company: Company, client: Client, lists: None):
    assert [line.key for line in page_of(client, company).gone] == ["FR 20 %"]

    client.post(path_of(company, "remove"), {"gone": "1"})

    assert value_of(company, "FR 20 %") is None
    assert value_of(company, "BE 21 %") is not None


def test_it_says_which_fields_use_the_table(company: Company, client: Client):
    with inside(company.organization):
        table = make_table(company.products, "vat")

    page = client.get(f"/tables/{table.pk}/").content.decode()

    assert "tax_rate_id" in page
    assert f"/flows/{company.products.pk}/map/" in page


def test_nothing_is_stored_before_the_preview_was_confirmed(company: Company, client: Client, lists: None):
    file = SimpleUploadedFile("vat.csv", b"from;to\nc6b8;FR055\n")
    response = client.post(path_of(company, "import"), {"file": file})
    found = response.context["found"]
    assert [one.key for one in found.added] == ["c6b8"]
    assert value_of(company, "c6b8") is None

    page = client.post(
        path_of(company, "import"), {"content": response.context["content"], "store": "1"}, follow=True
    ).content.decode()

    assert value_of(company, "c6b8") == ("FR055", True)
    assert "Saved. 4 records are sent again." in page


def test_a_wrong_file_is_not_stored_even_if_asked_to(company: Company, client: Client, lists: None):
    page = client.post(path_of(company, "import"), {"content": "from,to\nc6b8,NOPE\n", "store": "1"}).content.decode()

    assert "“NOPE” does not exist there." in page
    assert value_of(company, "c6b8") is None


def test_an_import_of_nothing_says_what_is_missing(company: Company, client: Client):
    assert "Choose a file, or paste the lines." in client.post(path_of(company, "import"), {}).content.decode()


def test_the_export_is_a_file_that_can_be_imported(company: Company, client: Client, lists: None):
    response = client.get(path_of(company, "export"))
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]

    found = client.post(path_of(company, "import"), {"content": response.content.decode()}).context["found"]

    assert (found.is_empty, found.problems) == (True, ())


def test_a_row_may_be_for_one_vat_rate_of_a_kind_of_customer(client: Client, company: Company):
    with inside(company.organization):
        exceptions = make_table(company.orders, "vat_exception", {})
    row = {"key-text": "FR", "second": "eu_private", "value-text": "OSS5"}

    client.post(f"/tables/{exceptions.pk}/add/", {**row, "rate": "5,50 %"})
    refused = client.post(f"/tables/{exceptions.pk}/add/", {**row, "rate": "high"}, follow=True)
    page = client.get(f"/tables/{exceptions.pk}/").content.decode()

    with inside(company.organization):
        assert dict(exceptions.rows.values_list("key", "value")) == {"FR|eu_private:5.5": "OSS5"}
    assert "is no VAT rate in percent" in refused.content.decode()
    assert "(OSS) · 5.5 %" in page
    assert 'name="rate"' in page
    assert 'name="rate"' not in client.get(path_of(company)).content.decode()
