"""Customers: list, single, create and change with the class's defaults, and what hangs below a customer."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.inventory import has_attributes, with_attributes
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.parts import change_address, change_contact, empty_address, empty_contact
from connectors.sandbox.visma_net.people import CONTACTS, list_contacts
from connectors.sandbox.visma_net.refusal import Refused, not_found
from connectors.sandbox.visma_net.wire import JSONDict

SERIES = "CUSTOMER"
FIRST_NUMBER = 10_000
STATUSES = ("Active", "OnHold", "CreditHold", "Inactive", "OneTime")
FLAGS = {
    "printInvoices": False, "acceptAutoInvoices": False, "sendInvoicesByEmail": True,
    "sendDunningLettersViaEMail": False, "printDunningLetters": False, "printStatements": False,
    "sendStatementsByEmail": False, "printMultiCurrencyStatements": False, "invoiceToDefaultLocation": False,
    "excludeDebtCollection": False,
}  # fmt: skip
TEXTS = ("name", "accountReference", "vatRegistrationId", "corporateId", "gln", "creditVerification", "statementType",
         "creditLimit", "creditDaysPastDue", "numberOfEmployees")  # fmt: skip
EXPANSIONS = {"expandAccountInformation": "glAccounts", "expandPaymentMethods": "paymentMethods",
              "expandDirectDebit": "directDebitLines"}  # fmt: skip


def _expanded(ask: Ask, body: JSONDict) -> JSONDict:
    for parameter, part in EXPANSIONS.items():
        if not ask.flag(parameter, default=False):
            body.pop(part, None)
    return body


LISTING = Listing(
    "customer",
    filters={
        "name": "body__name",
        "status": "body__status",
        "corporateId": "body__corporateId",
        "vatRegistrationId": "body__vatRegistrationId",
        "email": "body__mainContact__email__iexact",
        "phone": "body__mainContact__phone1",
    },
    times={"lastModifiedDateTime": "modified_at", "createdDateTime": "created_at"},
    version_name="timeStamp",
    show=_expanded,
)
_BY_ATTRIBUTE = Listing(
    "customer",
    filters=LISTING.filters,
    times=LISTING.times,
    version_name="timeStamp",
    show=_expanded,
    sieve=has_attributes,
)


def list_customers(ask: Ask) -> Reply:
    return list_things(ask, _BY_ATTRIBUTE if ask.text("attributes") else LISTING)


def get_customer(ask: Ask) -> Reply:
    thing = _customer(ask)
    return Reply(200, body_of(thing, LISTING), {"ETag": store.etag(thing)})


def create_customer(ask: Ask) -> Reply:
    account, body = ask.account, ask.payload(fields.CUSTOMER)
    if not body.get("name"):
        raise Refused("'Customer name' cannot be empty.")
    if not body.get("customerClassId"):
        raise Refused("'Customer class' cannot be empty.")
    address = body.get("mainAddress") or {}
    for name in ("countryId", *(("addressLine1", "postalCode") if ask.is_strict else ())):
        if not address.get(name):
            raise Refused(f"'{name}' of the main address cannot be empty.")
    customer_class = store.lookup(account, "customer_class", body["customerClassId"], field="Customer class")
    number = _number(account, body)
    customer = new_customer(number, internal_id=int(number) if number.isdigit() else 0)
    _apply_class(account, customer, customer_class)
    _change(account, customer, body)
    if customer["vatZone"] is None:
        raise Refused("'VAT zone' cannot be empty.")
    thing = store.add(account, "customer", number, customer)
    store.add(account, "location", f"{number}/MAIN", main_location(customer))
    return Reply(201, None, {**ask.location(f"v1/customer/{number}"), "ETag": store.etag(thing)})


def change_customer(ask: Ask) -> Reply:
    thing = _customer(ask)
    store.check_version(thing, ask.header("if-match"))
    body = ask.payload(fields.CUSTOMER)
    if body.get("name") == "":
        raise Refused("'Customer name' cannot be empty.")
    if "customerClassId" in body:
        customer_class = store.lookup(ask.account, "customer_class", body["customerClassId"], field="Customer class")
        if body.get("overrideWithClassValues"):
            _apply_class(ask.account, thing.body, customer_class)
        thing.body["customerClass"] = store.reference(ask.account, "customer_class", body["customerClassId"])
    _change(ask.account, thing.body, body)
    store.save(thing)
    return Reply(204, None, {"ETag": store.etag(thing)})


def new_customer(number: str, *, internal_id: int) -> JSONDict:
    return {
        "internalId": internal_id,
        "number": number,
        "name": "",
        "status": "Active",
        "mainAddress": empty_address(),
        "mainContact": empty_contact(),
        "accountReference": "",
        "customerClass": None,
        "creditTerms": None,
        "currencyId": "EUR",
        "creditVerification": "Disabled",
        "creditLimit": 0,
        "creditDaysPastDue": 0,
        "invoiceAddress": empty_address(),
        "invoiceContact": empty_contact(),
        **FLAGS,
        "statementType": "OpenItem",
        "deliveryAddress": empty_address(),
        "deliveryContact": empty_contact(),
        "vatRegistrationId": "",
        "corporateId": "",
        "gln": "",
        "vatZone": None,
        "location": {"countryId": "", "id": "MAIN", "name": "Primary Location"},
        "attributes": [],
        "directDebitLines": [],
        "priceClass": None,
        "paymentMethods": [],
        "defaultPaymentMethodId": None,
        "numberOfEmployees": 0,
        "_note": "",
    }


def main_location(customer: JSONDict) -> JSONDict:
    """Return the location every customer has: where the goods go unless told otherwise."""
    return {
        "baccount": {"internalId": customer["internalId"], "number": customer["number"], "name": customer["name"]},
        "locationId": "MAIN",
        "locationName": "Primary Location",
        "active": True,
        "address": customer["mainAddress"],
        "contact": customer["mainContact"],
        "vatRegistrationId": customer["vatRegistrationId"],
        "vatZone": customer["vatZone"],
        "gln": customer["gln"],
        "corporateId": customer["corporateId"],
    }


def _number(account: Account, body: JSONDict) -> str:
    """The series is automatic: a number of one's own needs overrideNumberSeries."""
    own = str(body.get("number") or "").strip()
    if not own or not body.get("overrideNumberSeries"):
        return store.next_number(account, SERIES, start=FIRST_NUMBER, kind="customer", width=5)
    if store.find(account, "customer", own):
        raise Refused(f"A customer with the number '{own}' already exists.")
    return own


def _apply_class(account: Account, customer: JSONDict, customer_class: Thing) -> None:
    values = customer_class.body
    customer["customerClass"] = {"id": values["id"], "description": values["description"]}
    customer["creditTerms"] = store.reference(account, "credit_term", values["_terms"])
    customer["currencyId"] = values["_currency"]
    customer["vatZone"] = _zone(account, values["taxZoneId"]) if values["taxZoneId"] else None
    customer["defaultPaymentMethodId"] = values["paymentMethodId"]
    customer["paymentMethods"] = [{"paymentMethodId": values["paymentMethodId"], "isDefault": True}]


def _zone(account: Account, zone_id: str) -> JSONDict:
    zone = store.lookup(account, "vat_zone", zone_id, field="VAT zone")
    return {name: zone.body[name] for name in ("id", "description", "defaultVatCategory")}


def _change(account: Account, customer: JSONDict, changes: JSONDict) -> None:
    if changes.get("status", "Active") not in STATUSES:
        raise Refused(f"Error converting value '{changes['status']}' to type 'CustomerStatus'. Path 'status.value'.")
    for name in ("status", *TEXTS, *FLAGS):
        if name in changes:
            customer[name] = changes[name]
    if "note" in changes:
        customer["_note"] = changes["note"]
    if "creditTermsId" in changes:
        store.lookup(account, "credit_term", changes["creditTermsId"], field="Terms")
        customer["creditTerms"] = store.reference(account, "credit_term", changes["creditTermsId"])
    if "currencyId" in changes:
        store.lookup(account, "currency", changes["currencyId"], field="Currency ID")
        customer["currencyId"] = changes["currencyId"]
    if "vatZoneId" in changes:
        customer["vatZone"] = _zone(account, changes["vatZoneId"])
    if "priceClassId" in changes:
        customer["priceClass"] = {"id": changes["priceClassId"], "description": None}
    method = changes.get("defaultPaymentMethod")
    if method:
        store.lookup(account, "payment_method", method.get("paymentMethodId"), field="Payment method")
        customer["defaultPaymentMethodId"] = method["paymentMethodId"]
        customer["paymentMethods"] = [{"paymentMethodId": method["paymentMethodId"], "isDefault": True}]
    for name, number in (changes.get("glAccounts") or {}).items():
        found = store.lookup(account, "account", number, field="Sales account").body
        accounts = customer.setdefault("glAccounts", {})
        accounts[name] = {"type": found["type"], "number": found["accountCD"], "description": found["description"]}
    _change_places(account, customer, changes)
    customer["attributes"] = with_attributes(account, customer["attributes"], changes.get("attributeLines") or ())


def _change_places(account: Account, customer: JSONDict, changes: JSONDict) -> None:
    """Invoice and delivery follow the main address and contact until they get their own."""
    old = {"Address": customer["mainAddress"], "Contact": customer["mainContact"]}
    for kind, change in (("Address", change_address), ("Contact", change_contact)):
        customer[f"main{kind}"] = change(account, old[kind], changes.get(f"main{kind}") or {})
        for name in (f"invoice{kind}", f"delivery{kind}"):
            base = customer[f"main{kind}"] if customer[name] == old[kind] else customer[name]
            customer[name] = change(account, base, changes.get(name) or {})
    customer["location"]["countryId"] = (customer["mainAddress"]["country"] or {}).get("id")


def _customer(ask: Ask) -> Thing:
    if "id" not in ask.keys:
        return store.get(ask.account, "customer", ask.keys["number"], what="The customer")
    text = ask.keys["id"]
    rows = Thing.objects.filter(account=ask.account, kind="customer")
    thing = rows.filter(body__internalId=int(text)).first() if text.isdigit() else None
    if thing is None:
        raise not_found("The customer", text)
    return thing


def list_contacts_below(ask: Ask) -> Reply:
    return list_contacts(ask, customer=_customer(ask).key)


def get_note(ask: Ask) -> Reply:
    return Reply(200, {"note": _customer(ask).body["_note"]})


ROUTES = (
    Route("GET", "v1/customer", list_customers, (*LISTING.query, "attributes", *EXPANSIONS)),
    Route("POST", "v1/customer", create_customer),
    Route("GET", "v1/customer/{number}", get_customer),
    Route("PUT", "v1/customer/{number}", change_customer),
    Route("GET", "v1/customer/internal/{id}", get_customer),
    Route("PUT", "v1/customer/internal/{id}", change_customer),
    Route("GET", "v1/customer/{number}/note", get_note),
    Route("GET", "v1/customer/{number}/contact", list_contacts_below, CONTACTS.query),
)
