"""What happens to an order after it is booked: released, shipped, invoiced, paid; and a payment that is taken back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import order_document, store
from connectors.sandbox.visma_net.invoice_document import INVOICE, create_document
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, cents

SHIPMENT, PAYMENT = "shipment", "customerpayment"
PAYABLE = ("Open",)


def release_order(order: Thing, *, now: datetime | None = None) -> Thing:
    """Take an order off hold."""
    order.body |= {"status": "Open", "hold": False}
    return store.save(order, now=now)


def ship(
    account: Account, order: Thing, *, tracking: str = "", carrier: str = "DHL", now: datetime | None = None
) -> Thing:
    """Send everything an order names; each shipment is one package. The order is completed by it."""
    number = f"S{order.pk:06}" + (f"-{len(order.body['shipments'])}" if order.body["shipments"] else "")
    day = f"{now or timezone.now():%Y-%m-%d}T00:00:00"
    quantity = sum(line["quantity"] for line in order.body["lines"])
    body: JSONDict = {
        "shipmentNumber": number,
        "shipmentType": "Issue",
        "status": "Confirmed",
        "hold": False,
        "operation": "Issue",
        "shipmentDate": day,
        "customer": dict(order.body["customer"]),
        "location": dict(order.body["location"]),
        "currencyId": order.body["currency"],
        "shipVia": {"id": carrier, "description": None},
        "shippedQuantity": quantity,
        "packages": 1,
        "shipmentOrderLines": [
            {
                "orderType": order.body["orderType"],
                "orderNbr": order.body["orderNo"],
                "shippedQty": quantity,
                "invoiceType": None,
                "invoiceNbr": None,
            }
        ],
        "shipmentPackageLines": [
            {"lineNumber": 1, "confirmed": True, "boxId": "BOX", "trackingNumber": tracking or None}
        ],
    }
    shipment = store.add(account, SHIPMENT, number, body)
    if now:
        store.save(shipment, now=now)
    order.body["shipments"].append(
        {"shipmentType": "Issue", "shipmentNo": number, "shipmentDate": day, "shippedQty": quantity, "invoiceNo": None}
    )
    order.body["status"] = "Completed"
    store.save(order, now=now)
    return shipment


def track(shipment: Thing, tracking: str) -> Thing:
    """Write the carrier's number down afterwards, as the warehouse does: the order itself does not change."""
    shipment.body["shipmentPackageLines"][0]["trackingNumber"] = tracking
    return store.save(shipment)


def invoice(account: Account, order: Thing, *, now: datetime | None = None) -> Thing:
    """Invoice an order, and release the invoice."""
    lines = [
        {
            "operation": "Insert",
            "inventoryNumber": line["inventory"]["number"],
            "description": line["lineDescription"],
            "quantity": line["quantity"],
            "unitPriceInCurrency": line["unitPrice"],
            "discountPercent": line["discountPercent"],
            "vatCodeId": line["taxCategory"],
        }
        for line in order.body["lines"]
    ]
    document = create_document(
        account,
        {
            "customerNumber": order.body["customer"]["number"],
            "documentDate": f"{now or timezone.now():%Y-%m-%d}",
            "currencyId": order.body["currency"],
            "customerVatZoneId": order.body["customerVATZone"]["id"],
            "invoiceLines": lines,
        },
        INVOICE,
    )
    document.body["status"] = "Open"
    for line in document.body["invoiceLines"]:
        line |= {"soOrderType": order.body["orderType"], "soOrderNbr": order.body["orderNo"], "soShipmentNbr": None}
    store.save(document, now=now)
    mark_invoiced(account, order, document.body["referenceNumber"], now=now)
    return document


def mark_invoiced(account: Account, order: Thing, number: str, *, now: datetime | None = None) -> None:
    """Say on the order and on its shipments which invoice they are on."""
    for row in order.body["shipments"]:
        row["invoiceNo"] = number
        shipment = store.find(account, SHIPMENT, row["shipmentNo"])
        if shipment is not None:
            shipment.body["status"] = "Invoiced"
            for line in shipment.body["shipmentOrderLines"]:
                line |= {"invoiceType": "Invoice", "invoiceNbr": number}
            store.save(shipment, now=now)
    order.body["status"] = "Invoiced"
    store.save(order, now=now)


def pay(
    account: Account,
    number: str,
    amount: Decimal | None = None,
    *,
    method: str = "1",
    now: datetime | None = None,
) -> Thing:
    """Book money received for a released invoice: all that is open, or a part. Raises Refused."""
    document = store.get(account, INVOICE.kind, number, what="The customer invoice")
    if document.body["status"] not in PAYABLE:
        raise Refused(f"The invoice is {document.body['status']} and cannot be paid.")
    open_amount = Decimal(str(document.body["balanceInCurrency"]))
    paid = cents(open_amount if amount is None else amount)
    if paid > open_amount:
        raise Refused("The payment is larger than what is open.")
    day = f"{now or timezone.now():%Y-%m-%d}T00:00:00"
    reference = store.next_number(account, "ARPAYMENT", start=500_000, kind=PAYMENT, prefix="PAYMENT/")
    line = {"documentType": "Invoice", "refNbr": number, "amountPaid": paid, "date": document.body["documentDate"],
            "balance": open_amount - paid, "currency": document.body["currencyId"]}  # fmt: skip
    body: JSONDict = {
        "type": "Payment",
        "refNbr": reference,
        "status": "Closed",
        "hold": False,
        "applicationDate": day,
        "paymentRef": f"STMT-{reference}",
        "customer": {name: document.body["customer"][name] for name in ("number", "name")},
        "paymentMethod": {"id": method, "description": None},
        "cashAccount": "550000",
        "currency": document.body["currencyId"],
        "paymentAmount": paid,
        "paymentAmountInCurrency": paid,
        "appliedToDocuments": paid,
        "availableBalance": 0,
        "paymentLines": [line],
        "ordersToApply": [],
    }
    _balance(document, open_amount - paid, now=now)
    payment = store.add(account, PAYMENT, f"Payment/{reference}", body)
    return store.save(payment, now=now) if now else payment


def void(account: Account, payment: Thing, *, now: datetime | None = None) -> Thing:
    """Take a payment back: it stays as voided, beside a document that reverses it, and the invoices are open again."""
    if payment.body["status"] == "Voided":
        raise Refused("The payment is voided already.")
    for line in payment.body["paymentLines"]:
        document = store.find(account, INVOICE.kind, line["refNbr"])
        if document is not None:
            amount = Decimal(str(document.body["balanceInCurrency"])) + Decimal(str(line["amountPaid"]))
            _balance(document, amount, now=now)
    reference = payment.body["refNbr"]
    reversal = {**payment.body, "type": "VoidPayment", "status": "Closed", "paymentLines": []}
    store.add(account, PAYMENT, f"VoidPayment/{reference}", reversal)
    payment.body["status"] = "Voided"
    return store.save(payment, now=now)


def _balance(document: Thing, amount: Decimal, *, now: datetime | None) -> None:
    rate = Decimal(str(document.body["exchangeRate"]))
    document.body |= {
        "balanceInCurrency": amount,
        "balance": cents(amount * rate),
        "status": "Open" if amount else "Closed",
    }
    store.save(document, now=now)


def orders_in(account: Account, *statuses: str) -> list[Thing]:
    """Return the orders with one of these statuses, oldest first."""
    rows = account.things.filter(kind=order_document.KIND, body__status__in=statuses)
    return list(rows.order_by("pk"))
