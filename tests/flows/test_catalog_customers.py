"""Customers on their own: matched by a ladder of keys, made where nobody fits, asked about where two do."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.sandbox.models import Thing
from flows.demo.company import ORDER_PAIRS
from flows.models import Binding, RunRecord
from flows.setup.creation import create_flow
from tests.flows.live import Company

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State
TABLES = {name: ORDER_PAIRS[name] for name in ("customer_class", "vat_zone")}


@pytest.fixture
def customers(company: Company) -> Company:
    create_flow("customers", company.connection("teamleader"), company.connection("visma_net"), pairs=TABLES)
    return company


def debtors(company: Company) -> list[Thing]:
    return company.things("visma_net", "customer")


def test_every_customer_is_accounted_for_and_none_is_there_twice(customers: Company):
    before = len(debtors(customers))

    run = customers.run("customers")

    tally = customers.tally(run, "customers")
    assert tally.read == 60
    assert tally.created == len(debtors(customers)) - before > 20
    assert tally.waiting == 0
    references = Counter(thing.body["accountReference"] for thing in debtors(customers)[before:])
    assert set(references.values()) == {1}


def test_who_exists_already_is_paired_and_not_made(customers: Company):
    before = {thing.key for thing in debtors(customers)}

    run = customers.run("customers")

    paired = Binding.objects.filter(kind="customers", target_id__in=before)
    assert paired.exists()
    assert not RunRecord.objects.filter(run=run, state=State.CREATED, target_id__in=before).exists()


def test_a_person_is_asked_where_two_fit(customers: Company):
    run = customers.run("customers")

    record = RunRecord.objects.get(run=run, code="match.ambiguous")
    assert record.state == State.NEEDS_YOU
    assert record.reason.startswith("More than one record in Visma.net ERP fits “Praktijk De Linde”: ")


def test_a_second_run_sends_nothing(customers: Company):
    customers.run("customers")

    run = customers.run("customers")

    assert all(tally.created == tally.updated == 0 for tally in run.tallies.all())
    assert run.calls_target == 0
