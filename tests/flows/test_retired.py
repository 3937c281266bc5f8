"""Items that are no longer sold, or gone: left alone, marked, or deleted in the target when somebody says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.base import Omitted, Page
from connectors.sandbox.models import Thing
from flows.documents import retired
from flows.engine import intake
from flows.engine.work import open_work
from flows.flow_settings import change_settings
from flows.models import Binding, Flow, RunRecord
from flows.needs.replays import replay
from flows.services import start_run
from tests.flows.live import Company, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
State = RunRecord.State


@pytest.fixture
def sent(company: Company) -> list[Thing]:
    """Two items that stand in the target as products, as a first run leaves them."""
    flow = company.flow("products")
    Flow.objects.update(adopted_at=timezone.now(), cursor=timezone.now() - timedelta(minutes=5))
    codes = {thing.body["code"]: thing.key for thing in company.things("teamleader", "product")}
    items = [one for one in company.things("visma_net", "inventory") if one.body["inventoryNumber"] in codes][:2]
    for item in items:
        number = item.body["inventoryNumber"]
        Binding.objects.create(
            from_connection=flow.source, to_connection=flow.target, kind="products", target_id=codes[number],
            source_key=str(item.body["inventoryId"]), natural_key=number.casefold(), number=number, fingerprint="x",
        )  # fmt: skip
    return items


def take_off_sale(company: Company, items: list[Thing], setting: str) -> None:
    changed = change_settings(company.flow("products"), {"inactive_items": setting})
    assert changed.is_read_again == (setting != "nothing")
    Flow.objects.update(cursor=timezone.now() - timedelta(minutes=5))  # here only what changes is of interest
    for item in items:
        item.body["status"], item.modified_at = "Inactive", timezone.now()
        item.save()


def product_of(company: Company, item: Thing) -> Thing | None:
    pair = Binding.objects.filter(source_key=str(item.body["inventoryId"])).first()
    return next((one for one in company.things("teamleader", "product") if pair and one.key == pair.target_id), None)


def test_by_default_a_product_stays_as_it_is(company: Company, sent: list[Thing]):
    take_off_sale(company, sent, "nothing")

    tally = company.tally(company.run("products"), "products")

    assert (tally.read, tally.skipped) == (2, 2)


def test_its_name_is_marked_once_and_the_mark_goes_when_it_is_sold_again(company: Company, sent: list[Thing]):
    take_off_sale(company, sent[:1], "rename")
    company.run("products")
    product = product_of(company, sent[0])
    assert product is not None
    assert product.body["name"] == f"[–] {sent[0].body['description']}"

    sent[0].body["status"], sent[0].modified_at = "Active", timezone.now()
    sent[0].save()
    company.run("products")

    assert product_of(company, sent[0]).body["name"] == sent[0].body["description"]  # type: ignore[union-attr]


def test_nothing_is_deleted_before_a_person_says_so_and_what_stays_is_not_asked_about_again(
    company: Company, sent: list[Thing]
):
    flow = company.flow("products")
    take_off_sale(company, sent, "ask_to_delete")
    run = company.run("products")
    first, second = company.held(run, "product.retired")
    assert len(company.things("teamleader", "product")) == 124

    done = retired.delete_there(flow, [first], who="Els")
    retired.keep(flow, [second], who="Els")

    assert (done.count, done.left, done.problem) == (1, 0, "")
    assert first.target_id not in {one.key for one in company.things("teamleader", "product")}
    assert not Binding.objects.filter(target_id=first.target_id).exists()
    first.refresh_from_db()
    assert (first.state, first.code, first.params["who"]) == (State.SKIPPED, "skip.removed_there", "Els")
    assert company.tally(run, "products").needs_you == 0

    assert replay(RunRecord.objects.filter(pk=second.pk)) == 1
    work_what_is_due()
    second.refresh_from_db()
    assert (second.state, second.code) == (State.SKIPPED, "skip.not_sellable")


def test_an_item_that_has_vanished_is_asked_about_by_its_number(company: Company, sent: list[Thing]):
    flow = company.flow("products")
    change_settings(flow, {"inactive_items": "rename"})
    run = start_run(flow, "manual")
    key = str(sent[0].body["inventoryId"])
    flow.refresh_from_db()

    with open_work(flow, run, ensure=intake.ensure) as work:
        intake.take_page(work, Page((Omitted(key, "", "skip.deleted", {}),), None, None))

    (held,) = company.held(run, "product.retired")
    assert held.natural_key == sent[0].body["inventoryNumber"]
    assert held.target_id
