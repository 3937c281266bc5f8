"""Life in a sandbox: now and then somebody changes something, as in a company that works. Only where it was asked for.

A price or a stock level moves in Visma.net, and an order is released, shipped, invoiced and paid there; in Teamleader a
deal is won, or a customer's telephone number changes. What is added is bounded: the oldest goes when there is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from random import Random

from django.db import transaction

from connectors.sandbox.announcing import announce
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.seed.records import number as as_number
from connectors.sandbox.seed.records import uid
from connectors.sandbox.seed.teamleader_deals import changed_quotation, won_deal
from connectors.sandbox.seed.teamleader_quotations import SHAPES
from connectors.sandbox.teamleader.writing import save as save_focus
from connectors.sandbox.visma_net import aftersales
from connectors.sandbox.visma_net.store import save as save_erp
from connectors.sandbox.visma_net.wire import stamp

MOST_DEALS = 60  # made by life and kept
MOST_DOCUMENTS = 400  # of a kind, kept in Visma.net
DOCUMENTS = ("salesorder", "shipment", "customerinvoice", "customerpayment")
FIRST_DEAL = 2001  # beyond the numbers of the seed
DEAL_EVERY, CUSTOMER_EVERY = 4, 7  # steps
CALM = ("plain", "line_discounts", "document_discount", "sections", "private_person", "decimal_quantities")
TROUBLED = ("unknown_product", "co_contractor", "dutch_department")
TROUBLE_EVERY = 6  # deals
PART_OF_INVOICES = 0.25  # are paid in two parts
STEP, DEALS = "life", "life_deals"  # counters of the account
CENT = Decimal("0.01")


def live_once(account: Account, *, now: datetime, with_trouble: bool) -> str:
    """Let one thing happen in an account. Returns what it was, or "" for a quiet moment.

    `with_trouble` allows now and then an order that a person must look at.
    """
    with transaction.atomic():
        own = Account.objects.select_for_update().get(pk=account.pk)
        step = int(own.counters.get(STEP, 0)) + 1
        own.counters[STEP] = step
        draw = Random(f"{own.remote_id}:{step}")  # noqa: S311 - made-up events, not secrets
        happened = _HAPPENS[own.system](own, step, draw, now, with_trouble)
        own.save(update_fields=["counters"])
    return happened


def _in_teamleader(account: Account, step: int, draw: Random, now: datetime, with_trouble: bool) -> str:
    if step % DEAL_EVERY == 1:
        return _win_deal(account, draw, now, with_trouble=with_trouble)
    if step % CUSTOMER_EVERY == 0:
        return _change_customer(account, draw, now)
    return ""


def _win_deal(account: Account, draw: Random, now: datetime, *, with_trouble: bool) -> str:
    count = int(account.counters.get(DEALS, 0))
    account.counters[DEALS] = count + 1
    is_troubled = with_trouble and count % TROUBLE_EVERY == TROUBLE_EVERY - 1
    name = TROUBLED[count // TROUBLE_EVERY % len(TROUBLED)] if is_troubled else draw.choice(CALM)
    shape = next(shape for shape in SHAPES if shape.name == name)
    records = won_deal(FIRST_DEAL + count, shape, now.replace(microsecond=0))
    made = Thing.objects.bulk_create([record.for_account(account) for record in records])
    announce(account, "deal", "won", next(thing.key for thing in made if thing.kind == "deal"))
    _forget_deal(account, FIRST_DEAL + count - MOST_DEALS)
    return f"deal {FIRST_DEAL + count} is won ({name})"


def _forget_deal(account: Account, number: int) -> None:
    if number >= FIRST_DEAL:
        keys = [uid("deal", number), *(uid("quotation", f"{number}/{index}") for index in range(2))]
        account.things.filter(kind__in=("deal", "quotation"), key__in=keys).delete()


def _change_customer(account: Account, draw: Random, now: datetime) -> str:
    thing = _any(account.things.filter(kind="company"), draw)
    if thing is None:
        return ""
    digits = "".join(str(draw.randrange(10)) for _ in range(7))
    thing.body["telephones"] = [{"type": "phone", "number": f"+32 9 {digits[:3]} {digits[3:5]} {digits[5:]}"}]
    save_focus(thing, now=now)
    return f"{thing.body['name']} has another telephone number"


def _in_visma_net(account: Account, step: int, draw: Random, now: datetime, with_trouble: bool) -> str:
    _forget_documents(account)
    if step % 3 == 0:
        return _work_on_an_order(account, step, draw, now)
    thing = _any(account.things.filter(kind="inventory", body__status="Active"), draw)
    if thing is None:
        return ""
    if step % 3 == 1:
        price = Decimal(str(thing.body["defaultPrice"])) * (1 + Decimal(draw.randint(-30, 40)) / 1000)
        thing.body["defaultPrice"] = as_number(max(price.quantize(CENT), CENT))
        happened = f"{thing.key} costs {thing.body['defaultPrice']}"
    else:
        for row in thing.body["warehouseDetails"][:1]:
            row["quantityOnHand"] = row["available"] = row["availableForShipment"] = draw.randint(0, 120)
            row["lastModifiedDateTime"] = stamp(now)
        happened = f"stock of {thing.key} has moved"
    save_erp(thing, now=now)
    return happened


def _work_on_an_order(account: Account, step: int, draw: Random, now: datetime) -> str:
    """The warehouse and the bookkeeper: what is furthest goes on first, so that each order comes to its end."""
    invoices = account.things.filter(kind="customerinvoice", body__status__in=("Open", "Balanced")).order_by("pk")
    if step % 9 == 0 and (invoice := invoices.first()) is not None:
        return _settle(account, invoice, draw, now)
    for order in aftersales.orders_in(account, "Completed")[:1]:
        document = aftersales.invoice(account, order, now=now)
        return f"order {order.body['orderNo']} is on invoice {document.body['referenceNumber']}"
    for order in aftersales.orders_in(account, "Open")[:1]:
        aftersales.ship(account, order, tracking=f"JD{draw.randrange(10**10):010}", now=now)
        return f"order {order.body['orderNo']} is shipped"
    for order in aftersales.orders_in(account, "Hold")[:1]:
        aftersales.release_order(order, now=now)
        return f"order {order.body['orderNo']} is released"
    return ""


def _settle(account: Account, invoice: Thing, draw: Random, now: datetime) -> str:
    number = invoice.body["referenceNumber"]
    if invoice.body["status"] == "Balanced":
        invoice.body["status"] = "Open"
        save_erp(invoice, now=now)
        return f"invoice {number} is released"
    open_amount = Decimal(str(invoice.body["balanceInCurrency"]))
    is_part = open_amount == Decimal(str(invoice.body["amountInCurrency"])) and draw.random() < PART_OF_INVOICES
    amount = (open_amount / 2).quantize(CENT) if is_part else open_amount
    aftersales.pay(account, number, amount, method=draw.choice(("1", "2")), now=now)
    return f"{amount} is paid on invoice {number}"


def _forget_documents(account: Account) -> None:
    for kind in DOCUMENTS:
        rows = account.things.filter(kind=kind).order_by("-pk")
        account.things.filter(pk__in=list(rows.values_list("pk", flat=True)[MOST_DOCUMENTS:])).delete()


def _any(things: object, draw: Random) -> Thing | None:
    rows = list(things.order_by("key").values_list("pk", flat=True))  # type: ignore[attr-defined]
    return Thing.objects.get(pk=draw.choice(rows)) if rows else None


def change_quotation(account: Account, number: int, *, now: datetime) -> None:
    """Let somebody order two more of something after the deal was won."""
    record = changed_quotation(number, now)
    thing = account.things.filter(kind="quotation", key=record.key).first()
    deal = account.things.filter(kind="deal", key=uid("deal", number)).first()
    if thing is not None and deal is not None:
        thing.body = record.body
        save_focus(thing, now=now)
        save_focus(deal, now=now)


def put_customer_on_hold(account: Account, number: str, *, now: datetime) -> None:
    """Let the bookkeeper block a customer: orders for it are then refused."""
    thing = account.things.filter(kind="customer", key=number.upper()).first()
    if thing is not None:
        thing.body["status"] = "OnHold"
        save_erp(thing, now=now)


_HAPPENS: dict[str, Callable[[Account, int, Random, datetime, bool], str]] = {
    Account.System.TEAMLEADER: _in_teamleader,
    Account.System.VISMA_NET: _in_visma_net,
}
