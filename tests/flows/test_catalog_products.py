"""Products between the two sandboxes: paired in bulk, written once, and only what may be sold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.sandbox.models import Thing
from flows.models import Binding, Candidate, Flow, Run, RunRecord
from tests.flows.live import Company

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


def codes(company: Company) -> list[str]:
    return [thing.body["code"] for thing in company.things("teamleader", "product") if thing.body["code"]]


def touch(thing: Thing, **changes: object) -> None:
    thing.body |= changes
    thing.modified_at = timezone.now()
    thing.save()


def sent_item(company: Company) -> Thing:
    """Return an item that the flow has sent."""
    binding = Binding.objects.filter(kind="products").order_by("number").first()
    assert binding is not None
    return next(one for one in company.things("visma_net", "inventory") if one.key == binding.natural_key.upper())


def test_a_first_run_pairs_what_exists_and_makes_the_rest(company: Company):
    before = codes(company)

    run = company.run("products")

    tally = company.tally(run, "products")
    assert run.state == Run.State.DONE
    assert (tally.read, tally.waiting, tally.needs_you) == (520, 0, 0)
    assert tally.created == len(codes(company)) - len(before) > 300
    assert not [code for code, count in Counter(codes(company)).items() if count > 1]
    assert Binding.objects.filter(kind="products").count() == tally.created + tally.updated + tally.unchanged
    assert not Candidate.objects.exists()  # the index has served


def test_looking_at_what_exists_costs_calls_by_the_page_and_not_by_the_product(company: Company):
    run = company.run("products")

    tally = company.tally(run, "products")
    assert run.calls_source < 10
    assert run.calls_target - tally.created - tally.updated < 15


def test_what_may_not_be_sold_is_skipped_with_its_reason(company: Company):
    before = set(codes(company))

    run = company.run("products")

    skipped = RunRecord.objects.filter(run=run, state=State.SKIPPED)
    assert {row.code for row in skipped} == {"skip.not_sellable"}
    assert all("is not one that this flow sends: " in row.reason for row in skipped)
    assert not {row.natural_key for row in skipped} & (set(codes(company)) - before)


def test_a_second_run_sends_nothing(company: Company):
    company.run("products")

    run = company.run("products")

    tally = company.tally(run, "products")
    assert tally.created == tally.updated == 0
    assert run.calls_target == 0


def test_exactly_the_item_that_changed_is_updated(company: Company):
    company.run("products")
    item = sent_item(company)
    touch(item, description="Renamed lamp")

    run = company.run("products")

    tally = company.tally(run, "products")
    record = RunRecord.objects.get(run=run, state=State.UPDATED)
    assert (tally.created, tally.updated) == (0, 1)
    sent = next(one for one in company.things("teamleader", "product") if one.body["id"] == record.target_id)
    assert sent.body["name"] == "Renamed lamp"


def test_a_flow_that_only_makes_new_ones_leaves_the_others(company: Company):
    flow = company.flow("products")
    Flow.objects.filter(pk=flow.pk).update(settings={**flow.settings, "update_existing": False})

    run = company.run("products")

    tally = company.tally(run, "products")
    assert tally.created > 300
    assert tally.updated == 0


def test_one_that_was_made_in_the_target_meanwhile_is_found_and_not_made_again(company: Company):
    company.run("products")
    item = sent_item(company)
    Binding.objects.filter(natural_key=item.key.casefold()).delete()
    touch(item)
    Flow.objects.update(cursor=timezone.now() - timedelta(minutes=1))
    before = len(codes(company))

    company.run("products")

    assert len(codes(company)) == before
    assert Binding.objects.filter(natural_key=item.key.casefold()).exists()
