"""A sales order as the company keeps it, whichever service it came through: header, lines, totals.

Changes come in the words of v1 (`customerRefNo`, `soShippingAddress` …); the order service translates its own.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.order_lines import apply_lines
from connectors.sandbox.visma_net.parts import change_address, change_contact, open_project, sales_person
from connectors.sandbox.visma_net.periods import date_text, open_period
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.totals import add_up, rounded, vat_rules
from connectors.sandbox.visma_net.wire import JSONDict, cents

KIND = "salesorder"
TEXTS = (
    "customerOrder", "customerRefNo", "description", "note", "contactId", "paymentRef", "cashAccount", "shipComplete",
    "shipSeparately", "invoiceSeparately", "priority", "printDescriptionOnInvoice", "emailed",
)  # fmt: skip
CODES = (
    # field of the update, look-up table, place in the order, name on the screen, code of the order service
    ("terms", "credit_term", "terms", "Terms", "1402-InvalidTermsId"),
    ("preferredWarehouse", "warehouse", "preferredWarehouse", "Warehouse", "1802-InvalidWarehouseId"),
    ("paymentMethod", "payment_method", "paymentMethod", "Payment method", "1500-InvalidPaymentMethodId"),
)
FINAL = ("Cancelled", "Completed", "Invoiced", "Voided")


def create_order(account: Account, changes: JSONDict, *, may_number: bool) -> Thing:
    """Make an order. Raises Refused; 409 when the number is taken."""
    order_type = _order_type(account, changes.get("orderType"))
    order = _new_order(account, order_type.body["orderType"], changes)
    apply_changes(account, order, changes)
    order["orderNo"] = _number(account, order_type.body, changes, may_number=may_number)
    return store.add(account, KIND, f"{order['orderType']}/{order['orderNo']}", order)


def change_order(account: Account, thing: Thing, changes: JSONDict) -> None:
    """Change an order that is still open. Raises Refused."""
    if thing.body["status"] in FINAL:
        raise Refused(f"The order is {thing.body['status']} and cannot be changed.", code="1700-InvalidOrderStatus")
    apply_changes(account, thing.body, changes)
    store.save(thing)


def apply_changes(account: Account, order: JSONDict, changes: JSONDict) -> None:
    """Write header and lines and add everything up again."""
    if changes.get("customer") and str(changes["customer"]) != order["customer"]["number"]:
        _take_customer(account, order, str(changes["customer"]))
    for name in TEXTS:
        if name in changes:
            order[name] = changes[name]
    for name, kind, place, field, code in CODES:
        if changes.get(name):
            store.lookup(account, kind, changes[name], field=field, code=code)
            order[place] = store.reference(account, kind, changes[name])
    _apply_dates(account, order, changes)
    _apply_places(account, order, changes)
    if "hold" in changes:
        order["hold"] = bool(changes["hold"])
        order["status"] = "Hold" if order["hold"] else "Open"
    apply_lines(account, order, changes.get("lines") or [])
    if "_freight" in changes:
        order["_freight"] = changes["_freight"]
    if order["terms"] is None:
        raise Refused("'Terms' cannot be empty.", code="1401-MissingTermsId")
    add_up_order(account, order)


def add_up_order(account: Account, order: JSONDict) -> None:
    """Work out the totals, in the order's currency and in the company's."""
    freight = order["_freight"]
    categories = [line["taxCategory"] for line in order["lines"]]
    if freight["amount"]:
        categories.append(freight["taxCategory"])
    rules = vat_rules(account, order["customerVATZone"]["id"], categories)
    rows = [(rules[line["taxCategory"]], Decimal(str(line["extPrice"]))) for line in order["lines"]]
    if freight["amount"]:
        rows.append((rules[freight["taxCategory"]], rounded(Decimal(str(freight["amount"])), order["currency"])))
    totals = add_up(rows, currency=order["currency"])
    discount = sum((Decimal(str(line["discountAmount"])) for line in order["lines"]), Decimal(0))
    for name, amount in (
        ("orderTotal", totals.total),
        ("vatTaxableTotal", totals.taxable),
        ("vatExemptTotal", totals.exempt),
        ("taxTotal", totals.vat),
        ("discountTotal", discount),
    ):
        order[name] = amount
        order[f"{name}InBaseCurrency"] = cents(amount * Decimal(str(order["exchangeRate"])))


def _new_order(account: Account, order_type: str, changes: JSONDict) -> JSONDict:
    if not changes.get("customer"):
        raise Refused("'Customer' cannot be empty.", code="1405-MissingCustomerId")
    today = f"{timezone.now():%Y-%m-%d}T00:00:00"
    order: JSONDict = {
        "orderType": order_type,
        "orderNo": "",
        "status": "Open",
        "hold": False,
        "canceled": False,
        "date": today,
        "requestOn": today,
        **dict.fromkeys(TEXTS),
        "note": "",
        "branchNumber": {"number": "1", "name": None},
        "terms": None,
        "preferredWarehouse": None,
        "paymentMethod": None,
        "currency": "EUR",
        "exchangeRate": 1,
        "lines": [],
        "shipments": [],
        "_lastLine": 0,
        "_freight": {"amount": Options.of(account).freight, "cost": 0, "taxCategory": "21"},
    }
    _take_customer(account, order, str(changes["customer"]))
    currency = str(changes.get("currency") or order["currency"])
    row = store.lookup(account, "currency", currency, field="Currency", code="1600-InvalidCurrencyId")
    order |= {"currency": row.body["id"], "exchangeRate": row.body["_rate"]}
    return order


def _take_customer(account: Account, order: JSONDict, number: str) -> None:
    """Everything the customer knows becomes the order's default."""
    customer = store.lookup(account, "customer", number, field="Customer", code="1406-CustomerNotFound").body
    if customer["status"] in ("Inactive", "OnHold"):
        raise Refused(
            f"The customer status is '{customer['status']}'.",
            code="1407-InvalidCustomerStatus",
            about={"customerId": number, "status": customer["status"]},
        )
    order |= {
        "customer": {name: customer[name] for name in ("internalId", "number", "name")},
        "location": dict(customer["location"]),
        "currency": customer["currencyId"],
        "terms": customer["creditTerms"],
        "customerVATZone": customer["vatZone"],
        "paymentMethod": {"id": customer["defaultPaymentMethodId"], "description": None},
        "soBillingAddress": {"overrideAddress": False, **customer["invoiceAddress"]},
        "soBillingContact": {"overrideContact": False, **customer["invoiceContact"]},
        "soShippingAddress": {"overrideAddress": False, **customer["deliveryAddress"]},
        "soShippingContact": {"overrideContact": False, **customer["deliveryContact"]},
    }


def _apply_dates(account: Account, order: JSONDict, changes: JSONDict) -> None:
    for name in ("date", "requestOn", "schedShipment", "cancelBy"):
        if changes.get(name):
            order[name] = date_text(changes[name])
    order["postPeriod"] = open_period(account, date=order["date"], period=None)


def _apply_places(account: Account, order: JSONDict, changes: JSONDict) -> None:
    if changes.get("branchNumber"):
        branch = store.lookup(
            account, "branch", changes["branchNumber"], field="Branch", code="1300-InvalidBranchId"
        ).body
        order["branchNumber"] = {"number": branch["number"], "name": branch["name"]}
    if changes.get("location"):
        key = f"{order['customer']['number']}/{changes['location']}"
        place = store.lookup(account, "location", key, field="Location", code="1408-InvalidLocationId").body
        order["location"] = {"id": place["locationId"], "name": place["locationName"]}
        order["soShippingAddress"] = {"overrideAddress": False, **place["address"]}
        order["customerVATZone"] = place["vatZone"] or order["customerVATZone"]
    if changes.get("customerVATZone"):
        zone = store.lookup(
            account, "vat_zone", changes["customerVATZone"], field="VAT zone", code="1404-InvalidTaxZone"
        )
        order["customerVATZone"] = {name: zone.body[name] for name in ("id", "description", "defaultVatCategory")}
    for name in ("soBillingAddress", "soShippingAddress"):
        if changes.get(name):
            override = changes[name].get("overrideAddress", True)
            order[name] = {**change_address(account, order[name], changes[name]), "overrideAddress": override}
    for name in ("soBillingContact", "soShippingContact"):
        if changes.get(name):
            override = changes[name].get("overrideContact", True)
            order[name] = {**change_contact(account, order[name], changes[name]), "overrideContact": override}
    if changes.get("shipVia"):
        store.lookup(account, "carrier", changes["shipVia"], field="Ship via", code="1801-InvalidShipViaId")
        order["shipVia"] = {"id": str(changes["shipVia"]), "description": None}
    if changes.get("salesPerson"):
        order["salesPerson"] = sales_person(account, changes["salesPerson"])
    if changes.get("project"):
        order["_project"] = open_project(account, changes["project"])["id"]
    if changes.get("shippingTerms"):  # they have no list to be checked against
        order["_shippingTerms"] = str(changes["shippingTerms"])


def _order_type(account: Account, name: str | None) -> Thing:
    if not name:
        raise Refused("'Order type' cannot be empty.", code="1100-MissingOrderType")
    return store.lookup(account, "order_type", name, field="Order type", code="1101-OrderTypeNotFound")


def _number(account: Account, order_type: JSONDict, changes: JSONDict, *, may_number: bool) -> str:
    """Draw the next number, or take the caller's: always for a manual series, else only with an override."""
    series = store.find(account, "number_series", order_type["_series"])
    if series is None:
        raise Refused("The number sequence of the order type was not found.", code="1900-OrderNumberSequenceNotFound")
    own = str(changes.get("orderNumber") or "").strip()
    is_manual = is_manual_series(account, series.body)
    if is_manual and not own:
        raise Refused("'Order number' cannot be empty: the numbering is manual.", code="1901-MissingOrderId")
    if own and not is_manual and not may_number:
        raise Refused(f"The order type '{order_type['orderType']}' numbers automatically.", code="1902-NotManual")
    if not own or not (is_manual or changes.get("overrideNumberSeries")):
        start, prefix = int(series.body["sequence"][0]["startNbr"]), f"{order_type['orderType']}/"
        return store.next_number(account, series.body["numberingId"], start=start, kind=KIND, prefix=prefix)
    if store.find(account, KIND, f"{order_type['orderType']}/{own}"):
        raise Refused(
            f"The order {order_type['orderType']} {own} already exists.", status=409 if not may_number else 400
        )
    return own


def is_manual_series(account: Account, series: JSONDict) -> bool:
    return bool(series["manualNumbering"]) or (
        series["numberingId"] == "SOORDER" and Options.of(account).manual_order_numbers
    )
