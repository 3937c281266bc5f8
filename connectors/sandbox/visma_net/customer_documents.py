"""Credit notes, which may be applied to invoices, and cash sales: list, create, and release of a credit note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.invoice_document import (
    CASH_SALE,
    CREDIT_NOTE,
    INVOICE,
    UNRELEASED,
    Shape,
    create_document,
)
from connectors.sandbox.visma_net.invoices import LISTING, QUERY
from connectors.sandbox.visma_net.listing import body_of, list_things
from connectors.sandbox.visma_net.order_calls import done
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, cents, number

ONLY_ON_INVOICES = (
    "accountingCostRef", "originatorDocRef", "contractDocRef", "excludeDebtCollection", "directDebitMandateId",
)  # fmt: skip
NOT_ON_CASH_SALES = (
    *ONLY_ON_INVOICES, "customerVatZone", "exchangeRate", "documentDueDate", "taxDetails", "attachments",
    "externalReference", "sendToAutoInvoice", "roundingDiff",
)  # fmt: skip

LEFT_OUT = {CREDIT_NOTE.kind: ONLY_ON_INVOICES, CASH_SALE.kind: NOT_ON_CASH_SALES}


def _without(names: tuple[str, ...]) -> Callable[[Ask, JSONDict], JSONDict]:
    def show(ask: Ask, body: JSONDict) -> JSONDict:
        assert LISTING.show is not None
        return {name: value for name, value in LISTING.show(ask, body).items() if name not in names}

    return show


LISTINGS = {
    CREDIT_NOTE.kind: replace(LISTING, kind=CREDIT_NOTE.kind, show=_without(LEFT_OUT[CREDIT_NOTE.kind])),
    CASH_SALE.kind: replace(LISTING, kind=CASH_SALE.kind, show=_without(LEFT_OUT[CASH_SALE.kind])),
}
KNOWN = {CREDIT_NOTE.kind: fields.CREDIT_NOTE, CASH_SALE.kind: fields.CASH_SALE}


def _list(shape: Shape) -> Callable[[Ask], Reply]:
    return lambda ask: list_things(ask, LISTINGS[shape.kind])


def _get(shape: Shape) -> Callable[[Ask], Reply]:
    def get(ask: Ask) -> Reply:
        thing = store.get(ask.account, shape.kind, ask.keys["number"], what=shape.what)
        body = body_of(thing, LISTINGS[shape.kind])  # the single record takes no parameters: it is always whole
        kept = {name: value for name, value in body.items() if name not in LEFT_OUT[shape.kind]}
        return Reply(200, kept, {"ETag": store.etag(thing)})

    return get


def _payload(ask: Ask, shape: Shape) -> JSONDict:
    return ask.payload(KNOWN[shape.kind], lines=shape.lines, known_in_lines=fields.DOCUMENT_LINE)


def _created(ask: Ask, thing: Thing, path: str) -> Reply:
    return Reply(201, None, {**ask.location(f"v1/{path}/{thing.body['referenceNumber']}"), "ETag": store.etag(thing)})


def post_cash_sale(ask: Ask) -> Reply:
    return _created(ask, create_document(ask.account, _payload(ask, CASH_SALE), CASH_SALE), "cashsale")


def post_credit_note(ask: Ask) -> Reply:
    changes = _payload(ask, CREDIT_NOTE)
    applied = [_application(ask.account, row) for row in changes.get("applicationLines") or ()]
    thing = create_document(ask.account, changes, CREDIT_NOTE)
    total = Decimal(str(thing.body["amountInCurrency"]))
    if sum((Decimal(str(row["amountPaid"])) for row in applied), Decimal(0)) > total:
        thing.delete()
        raise Refused("The application amount exceeds the amount of the credit note.")
    thing.body["applications"] = applied
    store.save(thing)
    return _created(ask, thing, "customerCreditNote")


def _application(account: Account, row: JSONDict) -> JSONDict:
    """Only a released invoice can be credited, and no more of it than is open."""
    if row.get("documentType") != "Invoice":
        raise Refused("'Document type' of an application must be Invoice.")
    invoice = store.lookup(account, INVOICE.kind, row.get("refNbr"), field="Reference number").body
    amount = number(row.get("amountPaid"), name="applicationLines.amountPaid")
    if invoice["status"] != "Open":
        raise Refused(f"The invoice '{row['refNbr']}' is {invoice['status']} and cannot be applied to.")
    if amount > Decimal(str(invoice["balanceInCurrency"])):
        raise Refused(f"The amount applied exceeds the balance of the invoice '{row['refNbr']}'.")
    return {"docType": "Invoice", "refNbr": invoice["referenceNumber"], "amountPaid": amount}


def release_credit_note(ask: Ask) -> Reply:
    """From then on it counts in the ledger, and so do its applications."""
    thing = store.get(ask.account, CREDIT_NOTE.kind, ask.keys["number"], what=CREDIT_NOTE.what)
    if thing.body["status"] not in UNRELEASED:
        raise Refused("The credit note can't be released because it is already released.")
    if thing.body["status"] == "Hold":
        raise Refused("The document is on hold and cannot be released.")
    for row in thing.body["applications"]:
        invoice = store.get(ask.account, INVOICE.kind, row["refNbr"], what=INVOICE.what)
        _settle(invoice.body, Decimal(str(row["amountPaid"])))
        store.save(invoice)
        _settle(thing.body, Decimal(str(row["amountPaid"])))
    thing.body |= {"status": "Closed" if not thing.body["balanceInCurrency"] else "Open", "hold": False}
    store.save(thing)
    return done()


def _settle(body: JSONDict, amount: Decimal) -> None:
    left = Decimal(str(body["balanceInCurrency"])) - amount
    body |= {"balanceInCurrency": left, "balance": cents(left * Decimal(str(body["exchangeRate"])))}
    if not left:
        body["status"] = "Closed"


ROUTES = (
    Route("GET", "v1/customerCreditNote", _list(CREDIT_NOTE), QUERY),
    Route("POST", "v1/customerCreditNote", post_credit_note),
    Route("POST", "v2/customerCreditNote", post_credit_note),
    Route("GET", "v1/customerCreditNote/{number}", _get(CREDIT_NOTE)),
    Route("POST", "v1/customerCreditNote/{number}/action/release", release_credit_note),
    Route("GET", "v1/cashsale", _list(CASH_SALE), QUERY),
    Route("POST", "v1/cashsale", post_cash_sale),
    Route("GET", "v1/cashsale/{number}", _get(CASH_SALE)),
)
