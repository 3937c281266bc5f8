"""Addresses and contacts as customers, locations, contacts and orders share them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

ADDRESS_TEXTS = ("addressLine1", "addressLine2", "addressLine3", "postalCode", "city")
CONTACT_TEXTS = ("name", "attention", "email", "web", "phone1", "phone2", "fax")


def empty_address() -> JSONDict:
    return {**dict.fromkeys(ADDRESS_TEXTS, ""), "country": None, "county": None}


def empty_contact() -> JSONDict:
    return dict.fromkeys(CONTACT_TEXTS, "")


def change_address(account: Account, address: JSONDict, changes: JSONDict) -> JSONDict:
    """Return the address with an update in it; an unknown country is refused."""
    changed = {**address, **{name: changes[name] for name in ADDRESS_TEXTS if name in changes}}
    if changes.get("countryId"):
        country = store.lookup(account, "country", changes["countryId"], field="Country")
        changed["country"] = {"id": country.body["id"], "name": country.body["name"]}
    if "county" in changes:
        changed["county"] = {"id": changes["county"], "name": changes["county"]}
    return changed


def change_contact(account: Account, contact: JSONDict, changes: JSONDict) -> JSONDict:
    email = changes.get("email")
    if email and "@" not in email:
        raise Refused(f"'Email' is not valid: '{email}'.")
    return {**contact, **{name: changes[name] for name in CONTACT_TEXTS if name in changes}}


def sales_person(account: Account, code: Any) -> JSONDict:
    """Return who a document says has sold it. Raises Refused for one that is unknown or has left."""
    body = store.lookup(account, "sales_person", code, field="Sales person").body
    if not body["isActive"]:
        raise Refused(f"The sales person '{body['salespersonID']}' is not active.")
    return {"id": body["salespersonID"], "description": body["name"]}


def open_project(account: Account, key: Any) -> JSONDict:
    """Return the project a document is booked on, by its code or its internal number. Raises Refused."""
    things = Thing.objects.filter(account=account, kind="project")
    numbered = things.filter(body__internalID=key).first() if isinstance(key, int) else None
    body = (numbered or store.lookup(account, "project", key, field="Project")).body
    if body["status"] != "Active" or body["systemTemplate"]:
        raise Refused(f"The project '{body['projectID']}' is {body['status']}, and nothing can be booked on it.")
    return {"internalId": body["internalID"], "id": body["projectID"], "description": body["description"]}


def v3_address(account: Account, changes: JSONDict, *, override: bool = True) -> JSONDict:
    """Read an address of the order service: it replaces the customer's as a whole."""
    mapped: dict[str, Any] = {
        "addressLine1": changes.get("line1") or "",
        "addressLine2": changes.get("line2") or "",
        "addressLine3": changes.get("line3") or "",
        "postalCode": changes.get("postalCode") or "",
        "city": changes.get("city") or "",
        "countryId": changes.get("countryId"),
    }
    if not mapped["countryId"]:
        raise Refused("The country of an address is required.", countryId=None)
    return {"overrideAddress": override, **change_address(account, empty_address(), mapped)}
