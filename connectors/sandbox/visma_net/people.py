"""Persons at a customer, and the places a customer takes deliveries at."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.parts import change_address, change_contact, empty_address, empty_contact
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

CONTACTS = Listing(
    "contact",
    cap=0,
    has_metadata=False,
    filters={
        "email": "body__email__iexact",
        "businessAccount": "body__businessAccount",
        "displayName": "body__displayName",
        "firstName": "body__firstName",
        "lastName": "body__lastName",
        "active": "body__active",
    },
    version_name="timeStamp",
)
LOCATIONS = Listing("location", filters={"locationId": "body__locationId", "gln": "body__gln"})
CONTACT_TEXTS = (
    "active", "title", "firstName", "lastName", "position", "sameAsAccount", "email", "web", "phone1", "phone2",
    "phone3", "fax", "contactMethod", "doNotCall", "doNotFax", "doNotEmail", "doNotMail", "noMassMail", "noMarketing",
)  # fmt: skip
LOCATION_TEXTS = ("locationName", "active", "vatRegistrationId", "ediCode", "gln", "corporateId")


def list_contacts(ask: Ask, customer: str = "") -> Reply:
    return list_things(ask, CONTACTS, only={"body__businessAccount": customer} if customer else {})


def get_contact(ask: Ask) -> Reply:
    thing = store.get(ask.account, "contact", ask.keys["id"], what="The contact")
    return Reply(200, body_of(thing, CONTACTS), {"ETag": store.etag(thing)})


def create_contact(ask: Ask) -> Reply:
    body = ask.payload(fields.CONTACT)
    number = store.next_number(ask.account, "CONTACT", start=5000, kind="contact", width=4)
    contact = new_contact(int(number))
    _change_contact(ask.account, contact, body)
    thing = store.add(ask.account, "contact", number, contact)
    return Reply(201, None, {**ask.location(f"v1/contact/{number}"), "ETag": store.etag(thing)})


def change_contact_card(ask: Ask) -> Reply:
    thing = store.get(ask.account, "contact", ask.keys["id"], what="The contact")
    store.check_version(thing, ask.header("if-match"))
    _change_contact(ask.account, thing.body, ask.payload(fields.CONTACT))
    store.save(thing)
    return Reply(204, None, {"ETag": store.etag(thing)})


def new_contact(contact_id: int) -> JSONDict:
    return {
        "contactId": contact_id,
        "displayName": "",
        "active": True,
        "title": None,
        "firstName": "",
        "lastName": "",
        "position": "",
        "businessAccount": None,
        "businessAccountType": None,
        "sameAsAccount": True,
        "address": empty_address(),
        **dict.fromkeys(("email", "web", "phone1", "phone2", "phone3", "fax"), ""),
        "contactMethod": "Any",
        **dict.fromkeys(("doNotCall", "doNotFax", "doNotEmail", "doNotMail", "noMassMail", "noMarketing"), False),
    }


def _change_contact(account: Account, contact: JSONDict, changes: JSONDict) -> None:
    for name in CONTACT_TEXTS:
        if name in changes:
            contact[name] = changes[name]
    if not contact["lastName"]:
        raise Refused("'Last name' cannot be empty.")
    if changes.get("businessAccount"):
        customer = store.lookup(account, "customer", changes["businessAccount"], field="Business account")
        contact |= {"businessAccount": customer.body["number"], "businessAccountType": "Customer"}
    contact["address"] = change_address(account, contact["address"], changes.get("address") or {})
    contact["displayName"] = ", ".join(name for name in (contact["lastName"], contact["firstName"]) if name)


def list_locations(ask: Ask) -> Reply:
    only = {"body__baccount__number": ask.keys["customer"]} if "customer" in ask.keys else {}
    return list_things(ask, LOCATIONS, only=only)


def get_location(ask: Ask) -> Reply:
    key = f"{ask.keys['customer']}/{ask.keys['location']}"
    return Reply(200, body_of(store.get(ask.account, "location", key, what="The location"), LOCATIONS))


def create_location(ask: Ask) -> Reply:
    account, body = ask.account, ask.payload(fields.LOCATION)
    customer = store.lookup(account, "customer", body.get("baccountId"), field="Business account").body
    location_id = str(body.get("locationId") or "").strip()
    if not location_id:
        raise Refused("'Location ID' cannot be empty.")
    key = f"{customer['number']}/{location_id}"
    if store.find(account, "location", key):
        raise Refused(f"The location '{location_id}' already exists.")
    location = {
        "baccount": {name: customer[name] for name in ("internalId", "number", "name")},
        "locationId": location_id,
        "locationName": "",
        "active": True,
        "address": empty_address(),
        "contact": empty_contact(),
        "vatRegistrationId": customer["vatRegistrationId"],
        "vatZone": customer["vatZone"],
        "gln": "",
        "corporateId": customer["corporateId"],
    }
    _change_location(account, location, body, customer)
    store.add(account, "location", key, location)
    return Reply(201, None, ask.location(f"v1/location/{key}"))


def change_location(ask: Ask) -> Reply:
    key = f"{ask.keys['customer']}/{ask.keys['location']}"
    thing = store.get(ask.account, "location", key, what="The location")
    customer = store.get(ask.account, "customer", ask.keys["customer"], what="The customer").body
    _change_location(ask.account, thing.body, ask.payload(fields.LOCATION), customer)
    store.save(thing)
    return Reply(204)


def _change_location(account: Account, location: JSONDict, changes: JSONDict, customer: JSONDict) -> None:
    for name in LOCATION_TEXTS:
        if name in changes:
            location[name] = changes[name]
    if changes.get("vatZone"):
        zone = store.lookup(account, "vat_zone", changes["vatZone"], field="VAT zone")
        location["vatZone"] = {name: zone.body[name] for name in ("id", "description", "defaultVatCategory")}
    if changes.get("peppolScheme"):
        location["peppolScheme"] = {**(location.get("peppolScheme") or {}), **changes["peppolScheme"]}
    location["address"] = change_address(account, location["address"], changes.get("address") or {})
    location["contact"] = change_contact(account, location["contact"], changes.get("contact") or {})
    if changes.get("addressIsSameAsMain"):
        location["address"] = customer["mainAddress"]
    if changes.get("contactIsSameAsMain"):
        location["contact"] = customer["mainContact"]


ROUTES = (
    Route("GET", "v1/contact", list_contacts, CONTACTS.query),
    Route("POST", "v1/contact", create_contact),
    Route("GET", "v1/contact/{id}", get_contact),
    Route("PUT", "v1/contact/{id}", change_contact_card),
    Route("GET", "v1/location", list_locations, LOCATIONS.query),
    Route("POST", "v1/location", create_location),
    Route("GET", "v1/location/{customer}", list_locations, LOCATIONS.query),
    Route("GET", "v1/location/{customer}/{location}", get_location),
    Route("PUT", "v1/location/{customer}/{location}", change_location),
)
