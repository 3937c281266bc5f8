"""Contacts and delivery locations against the sandbox: what fails waits, the customer stands, nothing comes twice."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox import services as sandbox
from connectors.sandbox.models import Thing
from connectors.sandbox.seed.records import uid
from connectors.sandbox.teamleader.writing import save as save_thing
from flows.demo.company import ORDER_PAIRS
from flows.models import Binding, Intent, Run, RunRecord
from flows.needs.replays import choose, create_new
from flows.setup.creation import create_flow
from flows.setup.dry_run import examine
from tests.flows.live import Company, let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
TABLES = {name: ORDER_PAIRS[name] for name in ("customer_class", "vat_zone")}
NUMBER_OF_STUDIO = 8  # Architectenbureau Noordzij: two contacts, three places


def keep_only(company: Company, *numbers: int, persons: tuple[int, ...] = ()) -> None:
    """Leave these companies and persons, and the contacts of those companies, in Teamleader."""
    companies = [uid("company", number) for number in numbers]
    rows = Thing.objects.filter(account=company.account("teamleader"))
    rows.filter(kind="company").exclude(key__in=companies).delete()
    kept = {uid("contact", number) for number in persons}
    for thing in rows.filter(kind="contact"):
        works_at = {job["company"]["id"] for job in thing.body["companies"]}
        if not works_at & set(companies) and thing.key not in kept:
            thing.delete()


@pytest.fixture
def studio(company: Company) -> Company:
    """The studio is new to Visma.net, so that it is made there with all that goes with it."""
    keep_only(company, NUMBER_OF_STUDIO)
    Thing.objects.filter(account=company.account("visma_net"), body__name="Architectenbureau Noordzij").delete()
    create_flow("customers", company.connection("teamleader"), company.connection("visma_net"), pairs=TABLES)
    return company


def faults(company: Company, **rates: Any) -> None:
    none = {"error_rate": 0, "lost_rate": 0, "only": ()}
    sandbox.set_faults(company.account("visma_net"), **{**none, **rates})


def record(run: Run) -> RunRecord:
    return RunRecord.objects.get(run=run, source_key__startswith="company:")


def standing(company: Company, number: str) -> tuple[list[str], list[str]]:
    contacts = [
        one.body["lastName"] for one in company.things("visma_net", "contact") if one.body["businessAccount"] == number
    ]
    places = [
        one.body["locationId"] for one in company.things("visma_net", "location") if one.key.startswith(f"{number}/")
    ]
    return sorted(contacts), sorted(places)


ALL = (["Bakker", "De Smet"], ["DEL1", "DEL2", "MAIN"])


def test_a_company_brings_its_people_and_its_places_once(studio: Company):
    first = studio.run("customers")
    number = record(first).target_id

    second = studio.run("customers")

    assert record(first).state == State.CREATED
    assert standing(studio, number) == ALL
    assert studio.tally(second, "customers").unchanged == 1
    assert second.calls_target == 0


@pytest.mark.parametrize("rates", [{"error_rate": 1}, {"lost_rate": 1}], ids=["failed", "lost"])
def test_a_location_without_an_answer_waits_and_comes_once(studio: Company, rates: dict[str, int]):
    faults(studio, only=("v1/location",), **rates)
    run = studio.run("customers")
    row = record(run)
    assert (row.state, row.code) == (State.WAITING, "part.waiting")
    assert row.target_id == Binding.objects.get(kind="customers").target_id
    assert not Intent.objects.exists()

    faults(studio)
    let_time_pass()

    row.refresh_from_db()
    assert row.state == State.CREATED
    assert standing(studio, row.target_id) == ALL
    assert studio.tally(run, "customers").created == 1


def test_whatever_holds_it_up_next_it_was_made_and_counts_as_created(studio: Company):
    faults(studio, only=("v1/location",), error_rate=1)
    run = studio.run("customers")
    faults(studio, only=("v1/customer",), error_rate=1)
    let_time_pass()
    assert record(run).code != "part.waiting"

    faults(studio)
    let_time_pass()

    assert record(run).state == State.CREATED
    assert studio.tally(run, "customers").created == 1


def test_a_customer_whose_create_was_lost_is_found_and_completed(studio: Company):
    faults(studio, lost_rate=1)
    run = studio.run("customers")
    assert record(run).code == "outcome.unknown"

    faults(studio)
    let_time_pass()

    row = record(run)
    assert row.state == State.CREATED
    assert standing(studio, row.target_id) == ALL


def test_a_person_who_changes_is_brought_along_by_the_company(studio: Company):
    run = studio.run("customers")
    number = record(run).target_id
    femke = Thing.objects.get(kind="contact", key=uid("contact", 8))
    femke.body["telephones"] = [{"type": "mobile", "number": "+31 6 1234"}]
    save_thing(femke)

    again = studio.run("customers")

    assert record(again).state == State.UPDATED
    assert standing(studio, number) == ALL
    assert any(one.body.get("phone1") == "+31 6 1234" for one in studio.things("visma_net", "contact"))


def test_neither_is_sent_where_the_settings_say_so(studio: Company):
    flow = studio.flow("customers")
    flow.settings |= {"send_contacts": False, "send_locations": False}
    flow.save()

    run = studio.run("customers")

    assert standing(studio, record(run).target_id) == ([], ["MAIN"])


def test_a_dry_run_says_what_would_be_made_with_the_customer(studio: Company):
    (one,) = [one for one in examine(studio.flow("customers"), limit=5).examined if one.payload]

    assert {(part.kind, str(part.action)) for part in one.parts} == {("contact", "create"), ("location", "create")}
    assert len(one.parts) == 4
    assert standing(studio, "10043") == ([], [])


def test_a_name_is_only_suggested_and_a_person_says_yes_or_no(company: Company):
    keep_only(company, 1, 2)
    pair = company.connection("teamleader"), company.connection("visma_net")
    create_flow("customers", *pair, pairs=TABLES, values={"ladder": ["name_postcode"]})
    lumen, bakery = RunRecord.objects.filter(run=company.run("customers"), code="match.suggested").order_by(
        "natural_key"
    )

    choose(lumen, lumen.params["choices"][0]["id"])
    create_new(bakery)
    let_time_pass()

    for row in (lumen, bakery):
        row.refresh_from_db()
    assert (lumen.state, bakery.state) == (State.UPDATED, State.CREATED)
    assert lumen.params == {}
    assert bakery.target_id != "10002"


def test_the_peppol_id_goes_to_the_main_location_where_it_is_wanted(company: Company):
    keep_only(company, 2)
    pair = company.connection("teamleader"), company.connection("visma_net")
    create_flow("customers", *pair, pairs=TABLES, values={"send_e_invoice_id": True})

    row = record(company.run("customers"))

    main = Thing.objects.get(kind="location", key=f"{row.target_id}/MAIN")
    assert main.body["peppolScheme"]["endpoint"].startswith("0208:")


def test_a_one_off_buyer_orders_in_their_own_name_on_the_collective_customer(company: Company):
    flow = company.flow("orders")
    flow.settings |= {"collective_customer": "10001"}
    flow.save()

    run = company.run("orders")

    shared = Thing.objects.filter(account__system="visma_net", kind="salesorder", body__customer__number="10001")
    names = {one.body["soBillingContact"]["name"] for one in shared}
    assert names & {"Pieter Van den Broeck", "Sofie Claes", "François Dubois", "Jan Peeters", "Emma Wouters"}
    assert not RunRecord.objects.filter(run=run, kind="customers", source_key__startswith="contact:").exists()
