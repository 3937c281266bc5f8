"""Life in a sandbox: one thing at a time, the same for the same account, and bounded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from apicenter.organizations.models import Organization
from connectors.sandbox import life
from connectors.sandbox.life import live_once, put_customer_on_hold
from connectors.sandbox.models import Account
from connectors.sandbox.services import living_accounts, open_account, set_options
from connectors.sandbox.visma_net.order_document import create_order
from tests.factories import inside, make_organization

NOW = timezone.now()


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    with inside(make_organization()) as organization:
        yield organization


def let_live(account: Account, steps: int, *, with_trouble: bool = False) -> list[str]:
    return [live_once(account, now=timezone.now(), with_trouble=with_trouble) for _step in range(steps)]


def test_a_deal_is_won_with_its_quotation(organization: Organization):
    account = open_account(organization, "teamleader")
    before = account.things.filter(kind="quotation").count()

    happened = let_live(account, 1)

    assert happened[0].startswith("deal 2001 is won")
    newest = account.things.filter(kind="deal").latest("pk")
    assert newest.body["status"] == "won"
    assert newest.modified_at >= NOW.replace(microsecond=0)
    assert account.things.filter(kind="quotation").count() == before + 1


def test_what_life_adds_is_bounded(organization: Organization, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(life, "MOST_DEALS", 3)
    account = open_account(organization, "teamleader")
    before = account.things.count()

    let_live(account, 4 * 8)

    assert account.things.count() == before + 2 * 3


def test_trouble_comes_only_where_it_is_allowed(organization: Organization):
    account = open_account(organization, "teamleader")

    calm = " ".join(let_live(account, 4 * 12))
    troubled = " ".join(let_live(account, 4 * 18, with_trouble=True))

    assert not any(name in calm for name in life.TROUBLED)
    assert all(name in troubled for name in life.TROUBLED)


def test_an_item_changes_and_can_be_seen_to_have_changed(organization: Organization):
    account = open_account(organization, "visma_net")

    happened = let_live(account, 1)[0]

    changed = account.things.get(kind="inventory", key=happened.split(" ")[0])
    assert changed.version == 2
    assert changed.modified_at > NOW


def test_a_customer_changes_now_and_then(organization: Organization):
    account = open_account(organization, "teamleader")

    assert any("telephone" in happened for happened in let_live(account, 7))


def test_a_customer_is_blocked(organization: Organization):
    account = open_account(organization, "visma_net")
    key = account.things.filter(kind="customer").values_list("key", flat=True)[0]

    put_customer_on_hold(account, key, now=timezone.now())

    assert account.things.get(kind="customer", key=key).body["status"] == "OnHold"


def test_only_accounts_that_asked_for_it_live(organization: Organization):
    account, other = open_account(organization, "visma_net"), open_account(organization, "teamleader")
    set_options(account, life=True)

    assert living_accounts() == [account]
    assert other not in living_accounts()


def test_an_order_is_released_shipped_invoiced_and_paid(organization: Organization):
    account = open_account(organization, "visma_net")
    item = next(thing.key for thing in account.things.filter(kind="inventory") if thing.body["status"] == "Active")
    line = {"operation": "Insert", "inventoryNumber": item, "quantity": 1}
    changes = {"orderType": "SO", "customer": "10001", "hold": True, "lines": [line]}
    order = create_order(account, changes, may_number=False)

    happened = " ".join(let_live(account, 9 * 4))

    assert [word in happened for word in ("is released", "is shipped", "is on invoice", "is paid on")] == [True] * 4
    order.refresh_from_db()
    assert order.body["status"] == "Invoiced"
    assert account.things.get(kind="shipment").body["shipmentPackageLines"][0]["trackingNumber"].startswith("JD")
    assert account.things.get(kind="customerinvoice").body["status"] == "Closed"
