"""Customer invoices: list with the filters our reference is found by, create, change, release, delete."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.invoice_document import INVOICE, UNRELEASED, change_document, create_document
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.order_calls import done
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

EXPANSIONS = {"expandTaxDetails": "taxDetails", "expandInvoiceAddress": "invoiceAddress",
              "expandApplications": "applications", "expandAttachments": "attachments"}  # fmt: skip
TIMES = {"lastModifiedDateTime": "modified_at", "createdDateTime": "created_at"}
DATES = ("documentDate", "documentDueDate")


def _expanded(ask: Ask, body: JSONDict) -> JSONDict:
    for parameter, part in EXPANSIONS.items():
        if not ask.flag(parameter, default=False):
            body.pop(part, None)
    return body


def _passes(ask: Ask, body: JSONDict) -> bool:
    """Dates compare by day, and `released` is a number."""
    released = ask.text("released")
    if released is not None and (released == "1") == (body["status"] in UNRELEASED):
        return False
    for name in DATES:
        value, operator = ask.text(name), ask.text(f"{name}Condition") or "="
        if value is None:
            continue
        ours, theirs = body[name][:10], value[:10]
        passes = {"=": ours == theirs, ">": ours > theirs, ">=": ours >= theirs, "<": ours < theirs}
        if not passes.get(operator, ours <= theirs):
            return False
    return True


LISTING = Listing(
    INVOICE.kind,
    filters={
        "customer": "body__customer__number",
        "status": "body__status",
        "documentType": "body__documentType",
        "customerRefNumber": "body__customerRefNumber",
        "externalReference": "body__externalReference",
        "paymentReference": "body__paymentReference",
        "financialPeriod": "body__financialPeriod",
        "branch": "body__branchNumber__number",
    },
    times=TIMES,
    version_name="timeStamp",
    show=_expanded,
)
_BY_DATE = Listing(
    INVOICE.kind, filters=LISTING.filters, times=TIMES, version_name="timeStamp", show=_expanded, sieve=_passes
)
QUERY = (
    *LISTING.query, *EXPANSIONS, "expandDunningInformation", "released", "dunningLevel", "closedFinancialPeriod",
    "dunningLetterDateTime", "dunningLetterDateTimeCondition", "project", *DATES,
    *(f"{name}Condition" for name in DATES),
)  # fmt: skip


def list_invoices(ask: Ask) -> Reply:
    only: JSONDict = {}
    if "customer" in ask.keys:
        customer = store.get(ask.account, "customer", ask.keys["customer"], what="The customer")
        only = {"body__customer__number": customer.body["number"]}
    by_date = any(ask.text(name) for name in (*DATES, "released"))
    return list_things(ask, _BY_DATE if by_date else LISTING, only=only)


def get_invoice(ask: Ask) -> Reply:
    thing = _invoice(ask)
    return Reply(200, body_of(thing, LISTING), {"ETag": store.etag(thing)})


def post_invoice(ask: Ask) -> Reply:
    changes = ask.payload(fields.INVOICE, lines="invoiceLines", known_in_lines=fields.INVOICE_LINE)
    thing = create_document(ask.account, changes, INVOICE)
    headers = ask.location(f"v1/customerinvoice/{thing.body['referenceNumber']}")
    return Reply(201, None, {**headers, "ETag": store.etag(thing)})


def put_invoice(ask: Ask) -> Reply:
    thing = _unreleased(ask, "updated")
    changes = ask.payload(fields.INVOICE, lines="invoiceLines", known_in_lines=fields.INVOICE_LINE)
    change_document(ask.account, thing.body, changes, INVOICE)
    store.save(thing)
    return Reply(204, None, {"ETag": store.etag(thing)})


def delete_invoice(ask: Ask) -> Reply:
    _unreleased(ask, "deleted").delete()
    return Reply(204)


def release_invoice(ask: Ask) -> Reply:
    """From then on it counts in the ledger and stays as it is."""
    thing = _unreleased(ask, "released")
    if thing.body["status"] == "Hold":
        raise Refused("The document is on hold and cannot be released.")
    thing.body |= {"status": "Open", "hold": False}
    store.save(thing)
    return done()


def _unreleased(ask: Ask, verb: str) -> Thing:
    thing = _invoice(ask)
    store.check_version(thing, ask.header("if-match"))
    if thing.body["status"] not in UNRELEASED:
        raise Refused(f"The invoice can't be {verb} because it is already released.")
    return thing


def _invoice(ask: Ask) -> Thing:
    return store.get(ask.account, INVOICE.kind, ask.keys["number"], what=INVOICE.what)


ROUTES = (
    Route("GET", "v1/customerinvoice", list_invoices, QUERY),
    Route("POST", "v1/customerinvoice", post_invoice),
    Route("POST", "v2/customerinvoice", post_invoice),
    Route("GET", "v1/customerinvoice/{number}", get_invoice),
    Route("PUT", "v1/customerinvoice/{number}", put_invoice),
    Route("DELETE", "v1/customerinvoice/{number}", delete_invoice),
    Route("POST", "v1/customerinvoice/{number}/action/release", release_invoice),
    Route("GET", "v1/customer/{customer}/invoice", list_invoices, QUERY),
)
