"""A customer invoice, credit note or cash sale as the company keeps it: header, lines, VAT per code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.order_lines import sellable_items
from connectors.sandbox.visma_net.parts import change_address, change_contact, open_project, sales_person
from connectors.sandbox.visma_net.periods import date_text, day_of, open_period
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.subaccounts import find_subaccount, part_of
from connectors.sandbox.visma_net.totals import Totals, add_up, line_amount, rounded, vat_rules
from connectors.sandbox.visma_net.wire import JSONDict, cents, number


@dataclass(frozen=True)
class Shape:
    """How one kind of document is kept and called."""

    kind: str
    series: str
    document_type: str
    lines: str
    what: str
    needs: tuple[tuple[str, str], ...] = ()  # what it cannot be made without, beside customer and date
    has_terms: bool = True


INVOICE = Shape("customerinvoice", "ARINVOICE", "Invoice", "invoiceLines", "The customer invoice")
CREDIT_NOTE = Shape("customercreditnote", "ARCREDIT", "CreditNote", "lines", "The credit note", has_terms=False)
CASH_SALE = Shape(
    "cashsale", "ARCASH", "CashSale", "cashSaleLines", "The cash sale",
    needs=(("paymentMethodId", "Payment method"), ("cashAccount", "Cash account")), has_terms=False,
)  # fmt: skip
ADDRESSES = ("billingAddress", "invoiceAddress")  # what writing calls it: an invoice so, a credit note so
STARTS = {"ARINVOICE": 100_000, "ARCREDIT": 300_000, "ARCASH": 500_000}
UNRELEASED = ("Hold", "Balanced")
TEXTS = ("customerRefNumber", "externalReference", "paymentReference", "invoiceText", "note", "customerProject",
         "accountingCostRef", "originatorDocRef", "contractDocRef", "cashAccount", "dontPrint", "dontEmail",
         "sendToAutoInvoice", "excludeDebtCollection")  # fmt: skip
DEFAULT_CATEGORY = "21"


def create_document(account: Account, changes: JSONDict, shape: Shape) -> Thing:
    """Make a document. Raises Refused."""
    for name, label in (("customerNumber", "Customer"), ("documentDate", "Date"), *shape.needs):
        if not changes.get(name):
            raise Refused(f"'{label}' cannot be empty.")
    for index, line in enumerate(changes.get(shape.lines) or ()):
        if line.get("operation") != "Insert":
            raise Refused(f"The operation of line {index + 1} of a new document must be Insert.")
    invoice = _new_document(account, str(changes["customerNumber"]), shape)
    change_document(account, invoice, changes, shape)
    invoice["referenceNumber"] = _number(account, changes, shape)
    return store.add(account, shape.kind, invoice["referenceNumber"], invoice)


def change_document(account: Account, invoice: JSONDict, changes: JSONDict, shape: Shape) -> None:
    """Write header and lines and add everything up again."""
    for name in TEXTS:
        if name in changes:
            invoice[name] = changes[name]
    if changes.get("salesperson"):  # reading calls it otherwise
        invoice["salesPerson"] = sales_person(account, changes["salesperson"])
    if changes.get("project"):
        invoice["project"] = open_project(account, changes["project"])
    if "hold" in changes:
        invoice["hold"] = bool(changes["hold"])
        invoice["status"] = "Hold" if invoice["hold"] else "Balanced"
    for name, kind, place, field in (
        ("creditTermsId", "credit_term", "creditTerms", "Terms"),
        ("paymentMethodId", "payment_method", "paymentMethod", "Payment method"),
        ("customerVatZoneId", "vat_zone", "customerVatZone", "VAT zone"),
    ):
        if changes.get(name):
            store.lookup(account, kind, changes[name], field=field)
            invoice[place] = store.reference(account, kind, changes[name])
    if changes.get("currencyId"):
        currency = store.lookup(account, "currency", changes["currencyId"], field="Currency").body
        invoice |= {"currencyId": currency["id"], "exchangeRate": currency["_rate"]}
    if changes.get("exchangeRate"):
        invoice["exchangeRate"] = number(changes["exchangeRate"], name="exchangeRate")
    if changes.get("branchNumber"):
        branch = store.lookup(account, "branch", changes["branchNumber"], field="Branch").body
        invoice["branchNumber"] = {"number": branch["number"], "name": branch["name"]}
    if changes.get("cashAccount"):
        cash = store.lookup(account, "cash_account", changes["cashAccount"], field="Cash account").body
        if shape is CASH_SALE:  # the money is there already, in the currency of the account it is on
            currency = store.lookup(account, "currency", cash["currency"], field="Currency").body
            invoice |= {"currencyId": currency["id"], "exchangeRate": currency["_rate"]}
    for name in ADDRESSES:
        if changes.get(name):
            own = invoice["invoiceAddress"]
            invoice["invoiceAddress"] = {**change_address(account, own, changes[name]), "overrideAddress": True}
    if changes.get("invoiceContact"):
        own = invoice["invoiceContact"]
        contact = change_contact(account, {**own, "name": own["businessName"]}, changes["invoiceContact"])
        invoice["invoiceContact"] = {**_contact(contact), "overrideContact": True}
    _apply_dates(account, invoice, changes)
    _apply_lines(account, invoice, changes.get(shape.lines) or [], shape)
    if shape.has_terms and invoice["creditTerms"] is None:
        raise Refused("'Terms' cannot be empty.")
    _add_up(account, invoice, shape)


def _new_document(account: Account, customer_number: str, shape: Shape) -> JSONDict:
    customer = store.lookup(account, "customer", customer_number, field="Customer").body
    if customer["status"] in ("Inactive", "OnHold"):
        raise Refused(f"The customer status is '{customer['status']}'.")
    currency = store.lookup(account, "currency", customer["currencyId"], field="Currency").body
    zone = customer["vatZone"]
    return {
        "documentType": shape.document_type,
        "referenceNumber": "",
        "status": "Balanced",
        "hold": False,
        "customer": {"number": customer["number"], "name": customer["name"]},
        "creditTerms": customer["creditTerms"],
        "customerVatZone": {"id": zone["id"], "description": zone["description"]},
        "currencyId": currency["id"],
        "exchangeRate": currency["_rate"],
        "paymentMethod": {"id": customer["defaultPaymentMethodId"], "description": None},
        "location": dict(customer["location"]),
        "branchNumber": {"number": "1", "name": None},
        "invoiceAddress": {**customer["invoiceAddress"], "overrideAddress": False},
        "invoiceContact": _contact(customer["invoiceContact"]),
        "documentDate": f"{timezone.now():%Y-%m-%d}T00:00:00",
        "documentDueDate": None,
        **dict.fromkeys(TEXTS),
        "salesPerson": None,
        "project": None,
        shape.lines: [],
        "taxDetails": [],
        "applications": [],
        "attachments": [],
        "_lastLine": 0,
    }


def _contact(contact: JSONDict) -> JSONDict:
    """An invoice calls the name of its contact otherwise, and keeps less of it."""
    kept = {name: contact[name] for name in ("attention", "email", "phone1")}
    return {"businessName": contact["name"], **kept, "overrideContact": False}


def _apply_dates(account: Account, invoice: JSONDict, changes: JSONDict) -> None:
    if changes.get("documentDate"):
        invoice["documentDate"] = date_text(changes["documentDate"])
    period = open_period(account, date=invoice["documentDate"], period=changes.get("financialPeriod"))
    invoice |= {"financialPeriod": period, "postPeriod": f"{period[4:]}{period[:4]}"}
    if changes.get("documentDueDate"):
        invoice["documentDueDate"] = date_text(changes["documentDueDate"])
    elif invoice["creditTerms"]:
        terms = store.find(account, "credit_term", invoice["creditTerms"]["id"])
        days = terms.body["dueDay1"] if terms else 0
        due = day_of(invoice["documentDate"]) + timedelta(days=days or 0)
        invoice["documentDueDate"] = f"{due:%Y-%m-%d}T00:00:00"


def _apply_lines(account: Account, invoice: JSONDict, changes: list[JSONDict], shape: Shape) -> None:
    items = sellable_items(account, [str(row["inventoryNumber"]) for row in changes if row.get("inventoryNumber")])
    for change in changes:
        operation = change.get("operation")
        if operation == "Insert":
            code = change.get("inventoryNumber")
            line = _new_line(invoice, items[store.key_of(str(code))].body if code else None)
            invoice[shape.lines].append(line)
        elif operation in ("Update", "Delete"):
            line = _existing(invoice[shape.lines], change.get("lineNumber"))
        else:
            raise Refused("The operation of a line must be Insert, Update or Delete.")
        if operation == "Delete":
            invoice[shape.lines].remove(line)
        else:
            _change_line(account, invoice, line, change, shape)


def _new_line(invoice: JSONDict, item: JSONDict | None) -> JSONDict:
    invoice["_lastLine"] += 1
    rate = Decimal(str(invoice["exchangeRate"]))
    price = Decimal(str(item["defaultPrice"])) / rate if item else Decimal(0)
    return {
        "lineNumber": invoice["_lastLine"],
        "inventoryNumber": item["inventoryNumber"] if item else None,
        "description": item["description"] if item else "",
        "quantity": Decimal(0),
        "uom": item["salesUnit"] if item else None,
        "unitPriceInCurrency": price.quantize(Decimal("0.0001")),
        "discountPercent": Decimal(0),
        "discountAmountInCurrency": Decimal(0),
        "manualDiscount": False,
        "account": {"number": "700000", "description": "Sales", "type": "Income"} if item else None,
        "subaccount": None,
        "vatCode": dict(item["vatCode"]) if item else {"id": DEFAULT_CATEGORY, "description": None},
        "note": "",
        "branchNumber": dict(invoice["branchNumber"]),
    }


def _change_line(account: Account, invoice: JSONDict, line: JSONDict, change: JSONDict, shape: Shape) -> None:
    for name in ("description", "uom", "note", "manualDiscount"):
        if change.get(name) is not None:
            line[name] = change[name]
    for name in ("quantity", "unitPriceInCurrency", "discountPercent", "discountAmountInCurrency"):
        if change.get(name) is not None:
            line[name] = number(change[name], name=f"{shape.lines}.{name}")
    if change.get("vatCodeId"):
        line["vatCode"] = store.reference(account, "vat_category", change["vatCodeId"])
    if change.get("accountNumber"):
        gl_account = store.lookup(account, "account", change["accountNumber"], field="Account").body
        line["account"] = {"number": gl_account["accountCD"], "description": gl_account["description"]}
    if subaccount := find_subaccount(account, change.get("subaccount")):
        line["subaccount"] = part_of(subaccount)
    if not line["inventoryNumber"] and not line["description"]:
        raise Refused("A line needs an inventory number or a description.")
    if line["account"] is None:
        raise Refused("'Account' cannot be empty on a line without an inventory number.")
    quantity, price, percent, discount = (
        Decimal(str(line[name]))
        for name in ("quantity", "unitPriceInCurrency", "discountPercent", "discountAmountInCurrency")
    )
    net, reduced = line_amount(quantity, price, percent=percent, discount=discount, currency=invoice["currencyId"])
    manual = change.get("manualAmountInCurrency")
    if manual is not None:
        net = rounded(number(manual, name=f"{shape.lines}.manualAmountInCurrency"), invoice["currencyId"])
        line["manualAmountInCurrency"] = net
    rate = Decimal(str(invoice["exchangeRate"]))
    line |= {
        "amountInCurrency": net,
        "discountAmountInCurrency": reduced,
        "amount": cents(net * rate),
        "discountAmount": cents(reduced * rate),
        "unitPrice": (price * rate).quantize(Decimal("0.0001")),
    }


def _existing(lines: list[JSONDict], line_number: object) -> JSONDict:
    for line in lines:
        if line["lineNumber"] == line_number:
            return line
    raise Refused(f"The line '{line_number}' cannot be found.")


def _add_up(account: Account, invoice: JSONDict, shape: Shape) -> None:
    lines = invoice[shape.lines]
    rules = vat_rules(account, invoice["customerVatZone"]["id"], [line["vatCode"]["id"] for line in lines])
    amounts = [(rules[line["vatCode"]["id"]], Decimal(str(line["amountInCurrency"]))) for line in lines]
    totals = add_up(amounts, currency=invoice["currencyId"])
    discount = sum((Decimal(str(line["discountAmountInCurrency"])) for line in lines), Decimal(0))
    invoice["taxDetails"] = _tax_details(totals)
    for name, amount in (
        ("amount", totals.total),
        ("balance", totals.total),
        ("vatTotal", totals.vat),
        ("vatTaxableTotal", totals.taxable),
        ("vatExemptTotal", totals.exempt),
        ("detailTotal", totals.taxable + totals.exempt),
        ("discountTotal", discount),
    ):
        invoice[f"{name}InCurrency"] = amount
        invoice[name] = cents(amount * Decimal(str(invoice["exchangeRate"])))


def _tax_details(totals: Totals) -> list[JSONDict]:
    return [
        {
            "taxId": row.rule.vat_id,
            "recordId": place,
            "vatId": {"number": row.rule.vat_id, "description": None},
            "vatRate": row.rule.rate,
            "taxableAmount": row.taxable,
            "vatAmount": row.vat,
        }
        for place, row in enumerate(totals.sums, 1)
    ]


def _number(account: Account, changes: JSONDict, shape: Shape) -> str:
    own = str(changes.get("referenceNumber") or "").strip()
    if not own or not changes.get("overrideNumberSeries"):
        return store.next_number(account, shape.series, start=STARTS[shape.series], kind=shape.kind)
    if store.find(account, shape.kind, own):
        raise Refused(f"A document with the reference number '{own}' already exists.")
    return own
