"""One-off buyers: private persons whose orders go to one collective customer, with their own name and address. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from connectors.base import SourceRecord
from connectors.core import Address, Customer, CustomerKind, SalesDocument


class OneOffRules(Protocol):
    """Who counts as a one-off buyer. Without a collective customer nobody does."""

    collective_customer: str
    collective_tag: str
    collective_countries: str


def is_one_off(customer: Customer | None, rules: OneOffRules) -> bool:
    """Return whether a customer is a private person without a VAT number who meets the other conditions, if any."""
    if not rules.collective_customer or customer is None:
        return False
    if customer.kind is not CustomerKind.PERSON or customer.vat_number:
        return False
    tags = {tag.casefold() for tag in customer.tags}
    if rules.collective_tag and rules.collective_tag.casefold() not in tags:
        return False
    countries = rules.collective_countries.replace(",", " ").upper().split()
    country = (customer.primary_address.country if customer.primary_address else None) or ""
    return not countries or country.upper() in countries


def as_one_off(record: SourceRecord, rules: OneOffRules) -> SourceRecord:
    """Return a one-off buyer's document with their name and address on it: those of the collective customer are not
    theirs. Others stay as they are."""
    document = record.core
    assert isinstance(document, SalesDocument)
    buyer = document.customer
    if buyer is None or not is_one_off(buyer, rules):
        return record
    home = document.invoice_address or buyer.primary_address or Address()
    changes: dict[str, Any] = {
        "invoice_address": _named(home, buyer),
        "delivery_address": _named(document.delivery_address or home, buyer),
    }
    told = {"name": buyer.name, "email": buyer.invoice_email or buyer.email, "phone": buyer.phone}
    raw = {**record.raw, "resolved": {**record.raw.get("resolved", {}), "buyer": told}}
    return replace(record, core=document.model_copy(update=changes), raw=raw)


def _named(address: Address, buyer: Customer) -> Address:
    return address if address.addressee else address.model_copy(update={"addressee": buyer.name})
