"""What could not be used in the target for a while: held with its name, sent by itself once it can be used again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.models import Thing
from connectors.sandbox.teamleader.writing import save as save_in_source
from connectors.sandbox.visma_net.store import save as save_there
from flows.flow_settings import change_settings
from flows.models import Binding, Run, RunRecord
from flows.needs.cause_tasks import refresh_tasks, solved_tasks
from flows.services import start_run
from flows.setup.creation import create_flow
from tests.flows.live import Company, work_what_is_due
from tests.flows.test_catalog_customers import TABLES

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
UUID_LENGTH = 36
LONG_AGO = timezone.now() - timedelta(days=800)


def set_status(company: Company, kind: str, key: str, status: str) -> None:
    thing = Thing.objects.get(account=company.account("visma_net"), kind=kind, key=key)
    thing.body["status"] = status
    save_there(thing)


def run_by_the_clock(company: Company, kind: str) -> Run:
    run = start_run(company.flow(kind), Run.Trigger.SCHEDULE)
    work_what_is_due()
    return run


def named_first(company: Company, place: str) -> str:
    """Return the first customer or item that the orders of the company name: they are sent once, and taken back."""
    order = company.things("visma_net", "salesorder")[0].body
    return str(order["customer"]["number"] if place == "customer" else order["lines"][0]["inventory"]["number"])


def forget_orders(company: Company) -> None:
    Thing.objects.filter(account=company.account("visma_net"), kind="salesorder").delete()
    Binding.objects.filter(kind="orders").delete()
    RunRecord.objects.all().delete()


@pytest.mark.parametrize("send_as", ["sales_order", "customer_invoice"])
@pytest.mark.parametrize(
    ("code", "name", "kind", "status"),
    [("customer.inactive", "customer", "customer", "Inactive"), ("item.inactive", "sku", "inventory", "NoSales")],
)
def test_what_waits_for_it_is_held_once_and_goes_when_it_can_be_used_again(
    company: Company, send_as: str, code: str, name: str, kind: str, status: str
):
    company.keep_deals("plain")
    company.run("orders")
    key = named_first(company, name)
    forget_orders(company)
    change_settings(company.flow("orders"), {"send_as": send_as})
    set_status(company, kind, key.upper(), status)

    run = company.run("orders", since=LONG_AGO)

    held = company.held(run, code)
    assert held
    assert {row.params[name] for row in held} == {key}
    run_by_the_clock(company, "orders")
    assert {row.state for row in RunRecord.objects.filter(pk__in=[one.pk for one in held])} == {State.NEEDS_YOU}
    refresh_tasks()

    set_status(company, kind, key.upper(), "Active")
    run_by_the_clock(company, "orders")

    after = RunRecord.objects.filter(pk__in=[one.pk for one in held])
    assert {row.state for row in after} == {State.CREATED}
    assert all("again" in {entry["what"] for entry in row.tries} for row in after)
    refresh_tasks()
    assert code in {task.code for task in solved_tasks()}


class Firm:
    """A company of Teamleader that is a customer of the ERP, where deactivated ones are put on hold."""

    def __init__(self, company: Company) -> None:
        ends = company.connection("teamleader"), company.connection("visma_net")
        create_flow("customers", *ends, values={"inactive_customers": "set_on_hold"}, pairs=TABLES)
        company.run("customers")
        self.company = company
        pair = Binding.objects.filter(kind="customers", source_key__startswith="company").earliest("pk")
        self.number = pair.target_id
        self.thing = Thing.objects.get(kind="company", key=pair.source_key[-UUID_LENGTH:])

    def become(self, status: str) -> None:
        self.thing.body["status"] = status
        save_in_source(self.thing)
        self.company.run("customers")

    @property
    def status(self) -> Any:
        found = Thing.objects.get(account=self.company.account("visma_net"), kind="customer", key=self.number)
        return found.body["status"]


@pytest.fixture
def firm(company: Company) -> Firm:
    return Firm(company)


def test_a_hold_that_we_set_ends_when_the_customer_is_active_again(firm: Firm):
    firm.become("deactivated")
    assert firm.status == "OnHold"

    firm.become("active")
    assert firm.status == "Active"


@pytest.mark.parametrize("status", ["Inactive", "CreditHold"])
def test_what_somebody_set_there_since_is_left_alone(firm: Firm, status: str):
    firm.become("deactivated")
    set_status(firm.company, "customer", firm.number, status)

    firm.become("active")

    assert firm.status == status


def test_a_hold_that_somebody_else_set_stays(firm: Firm):
    set_status(firm.company, "customer", firm.number, "OnHold")

    firm.become("active")

    assert firm.status == "OnHold"
