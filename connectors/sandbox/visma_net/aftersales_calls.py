"""Shipments and payments as the ERP gateway shows them, and the one action on a payment."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import aftersales, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.order_calls import done
from connectors.sandbox.visma_net.wire import JSONDict

SHIPMENTS = Listing(
    aftersales.SHIPMENT,
    filters={
        "customerNumber": "body__customer__number",
        "status": "body__status",
        "shipmentType": "body__shipmentType",
    },
    version_name="timeStamp",
)


def _is_applied(ask: Ask, body: JSONDict) -> bool:
    wanted = ask.text("invoiceRefNbr")
    return wanted is None or any(line["refNbr"] == wanted for line in body["paymentLines"])


PAYMENTS = Listing(
    aftersales.PAYMENT,
    filters={
        "customer": "body__customer__number",
        "paymentNbr": "body__refNbr",
        "paymentType": "body__type",
        "status": "body__status",
    },
    version_name="timeStamp",
    sieve=_is_applied,
)
PAYMENT_QUERY = (*PAYMENTS.query, "invoiceRefNbr", "branch", "docDate", "docDateCondition", "financialPeriod")


def list_shipments(ask: Ask) -> Reply:
    return list_things(ask, SHIPMENTS)


def get_shipment(ask: Ask) -> Reply:
    thing = store.get(ask.account, aftersales.SHIPMENT, ask.keys["number"], what="The shipment")
    return Reply(200, body_of(thing, SHIPMENTS), {"ETag": store.etag(thing)})


def list_payments(ask: Ask) -> Reply:
    return list_things(ask, PAYMENTS)


def get_payment(ask: Ask) -> Reply:
    thing = _payment(ask)
    return Reply(200, body_of(thing, PAYMENTS), {"ETag": store.etag(thing)})


def void_payment(ask: Ask) -> Reply:
    """The body is bare here."""
    aftersales.void(ask.account, _payment(ask))
    return done()


def _payment(ask: Ask) -> Thing:
    key = f"{ask.text('paymentType') or 'Payment'}/{ask.keys['number']}"
    return store.get(ask.account, aftersales.PAYMENT, key, what="The payment")


ROUTES = (
    Route("GET", "v1/shipment", list_shipments, (*SHIPMENTS.query, "customerId", "shipmentDate",
                                                 "shipmentDateCondition", "includeCustomFreeFields")),
    Route("GET", "v1/shipment/{number}", get_shipment, ("includeCustomFreeFields",)),
    Route("GET", "v1/customerPayment", list_payments, PAYMENT_QUERY),
    Route("GET", "v1/customerPayment/{number}", get_payment),
    Route("POST", "v1/customerPayment/{number}/action/void", void_payment),
)  # fmt: skip
