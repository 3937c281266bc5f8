"""Customers under the names a payload uses: reading says `customerClass.id`, writing `customerClassId`. Pure."""

from __future__ import annotations

from typing import Any

from connectors.core import JSONDict
from connectors.visma_net.read_values import fold_number, fold_text, read_id, read_rows, read_text
from connectors.visma_net.wrap import prune

SAME_NAME = (
    "number", "name", "status", "accountReference", "currencyId", "creditLimit", "creditDaysPastDue",
    "printInvoices", "acceptAutoInvoices", "sendInvoicesByEmail", "vatRegistrationId", "corporateId", "gln",
    "creditVerification", "statementType", "invoiceToDefaultLocation", "excludeDebtCollection",
)  # fmt: skip
CODES = {
    "customerClassId": "customerClass",
    "creditTermsId": "creditTerms",
    "vatZoneId": "vatZone",
    "priceClassId": "priceClass",
}
ACCOUNTS = ("salesAccount", "salesNonTaxableAccount", "salesEuAccount", "salesExportAccount")
ADDRESS = ("addressLine1", "addressLine2", "addressLine3", "postalCode", "city")
CONTACT = ("name", "attention", "email", "web", "phone1", "phone2", "fax")
PLACES = ("main", "invoice", "delivery")


def read_customer_payload(raw: JSONDict) -> JSONDict:
    """Return a customer's present values as the payload that would write them."""
    payload: JSONDict = {name: _trimmed(raw.get(name)) for name in SAME_NAME}
    payload |= {name: read_id(raw.get(source)) for name, source in CODES.items()}
    for place in PLACES:
        payload[f"{place}Address"] = read_address_payload(raw.get(f"{place}Address"))
        payload[f"{place}Contact"] = _part(raw.get(f"{place}Contact"), CONTACT)
    if method := read_text(raw.get("defaultPaymentMethodId")):
        payload["defaultPaymentMethod"] = {"paymentMethodId": method}
    accounts = raw.get("glAccounts")
    if isinstance(accounts, dict):
        payload["glAccounts"] = {name: read_id(accounts.get(name), "number") for name in ACCOUNTS}
    payload["attributes"] = {
        code: read_text(row.get("value"))
        for row in read_rows(raw.get("attributes"))
        if (code := read_text(row.get("id")))
    }
    kept: JSONDict = prune(payload)
    return kept


def identities(raw: JSONDict) -> dict[str, set[str]]:
    """Return what a customer can be found by, in the form that is compared."""
    contacts = (raw.get(f"{place}Contact") for place in PLACES)
    mails = {fold_text(read_text(part.get("email"))) for part in contacts if isinstance(part, dict)}
    return {
        "vat_number": {fold_number(read_text(raw.get("vatRegistrationId")))} - {""},
        "registration_number": {fold_number(read_text(raw.get("corporateId")))} - {""},
        "email": mails - {""},
    }


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _part(value: Any, names: tuple[str, ...]) -> JSONDict:
    return {name: _trimmed(value.get(name)) for name in names} if isinstance(value, dict) else {}


def read_address_payload(value: Any) -> JSONDict:
    """Return an address under the names that write it."""
    address = _part(value, ADDRESS)
    if isinstance(value, dict):
        address |= {"countryId": read_id(value.get("country")), "county": read_id(value.get("county"))}
    return address
