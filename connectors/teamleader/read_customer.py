"""Companies and contacts as customers."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.core import Address, Customer, CustomerKind, JSONDict, Person
from connectors.teamleader.read_values import (
    read_address,
    read_custom_fields,
    read_payment_term,
    reading,
    unreadable,
)

COMPANY, CONTACT = "company", "contact"
RESOURCES = {COMPANY: "companies", CONTACT: "contacts"}


def customer_key(kind: str, record_id: str) -> str:
    """Return the key of a customer: companies and contacts share one source."""
    return f"{kind}:{record_id}"


def split_key(key: str) -> tuple[str, str]:
    """Return kind and id of a customer's key. Raises ValueError for anything else."""
    kind, _, record_id = key.partition(":")
    if kind not in RESOURCES or not record_id:
        raise ValueError(f"{key!r} is not the key of a customer.")
    return kind, record_id


def read_customer(raw: JSONDict) -> Customer:
    """Read {"company": …, "contact_person": …, "contacts": […]} or {"contact": …}. Raises RecordError."""
    with reading():
        if raw.get(COMPANY):
            return _read_company(raw[COMPANY], raw.get("contact_person"), raw.get("contacts") or ())
        return _read_contact(raw[CONTACT])


def read_person(raw: JSONDict | None, position: str | None = None) -> Person | None:
    """Read a contact, in full or as a list row, as the person at a company."""
    if not raw:
        return None
    return Person(
        key=customer_key(CONTACT, raw["id"]),
        first_name=raw.get("first_name"),
        last_name=raw["last_name"],
        email=_email(raw, "primary"),
        phone=_phone(raw),
        position=position,
    )


def with_person(people: Iterable[Person], person: Person | None) -> tuple[Person, ...]:
    """Return the people with this one among them, each once, in an order that does not depend on who speaks."""
    every = {one.key: one for one in people}
    if person is not None:
        every.setdefault(person.key, person)
    return tuple(every[key] for key in sorted(every))


def related_contact_ids(company: JSONDict) -> list[str]:
    """Return the ids of all people of a company."""
    return [row["id"] for row in company.get("related_contacts") or ()]


def find_related_contact(company: JSONDict) -> str | None:
    """Return the id of the contact that speaks for a company: a decision maker, else the first one."""
    related = company.get("related_contacts") or []
    chosen = next((row for row in related if row.get("is_decision_maker")), related[0] if related else None)
    return chosen["id"] if chosen else None


def _read_company(company: JSONDict, person: JSONDict | None, contacts: Iterable[JSONDict]) -> Customer:
    positions = {row["id"]: row.get("position") for row in company.get("related_contacts") or ()}
    people = [read_person(row, positions.get(row["id"])) for row in contacts if (row.get("last_name") or "").strip()]
    speaker = read_person(person, positions.get(person["id"]) if person else None)
    return Customer(
        key=customer_key(COMPANY, company["id"]),
        kind=CustomerKind.COMPANY,
        name=company["name"],
        vat_number=company.get("vat_number"),
        contact_person=speaker,
        contacts=with_person(filter(None, people), speaker),
        currency=company.get("preferred_currency"),
        **_shared(company),
    )


def _read_contact(contact: JSONDict) -> Customer:
    names = (contact.get("first_name"), contact["last_name"])
    name = " ".join(part.strip() for part in names if part and part.strip())
    if not name:
        raise unreadable("last_name")
    return Customer(
        key=customer_key(CONTACT, contact["id"]),
        kind=CustomerKind.PERSON,
        name=name,
        first_name=contact.get("first_name"),
        last_name=contact["last_name"],
        vat_number=contact.get("vat_number"),
        **_shared(contact),
    )


def _shared(raw: JSONDict) -> JSONDict:
    return {
        "registration_number": raw.get("national_identification_number"),
        "email": _email(raw, "primary"),
        "invoice_email": _email(raw, "invoicing"),
        "phone": _phone(raw),
        "website": raw.get("website"),
        "language": raw.get("language"),
        "payment_term": read_payment_term(raw.get("payment_term")),
        "primary_address": _address(raw, "primary"),
        "invoice_address": _address(raw, "invoicing"),
        "delivery_address": _address(raw, "delivery"),
        "locations": _further_places(raw),
        "e_invoice_address": (raw.get("invoicing_preferences") or {}).get("electronic_invoicing_address"),
        "is_active": raw.get("status") != "deactivated",
        "tags": tuple(raw.get("tags") or ()),
        "note": raw.get("remarks"),
        "custom_fields": read_custom_fields(raw.get("custom_fields")),
    }


def _email(raw: JSONDict, kind: str) -> str | None:
    return next((row["email"] for row in raw.get("emails") or () if row.get("type") == kind), None)


def _phone(raw: JSONDict) -> str | None:
    numbers = {row.get("type"): row["number"] for row in reversed(raw.get("telephones") or [])}
    return numbers.get("phone") or numbers.get("mobile")


def _further_places(raw: JSONDict) -> tuple[Address, ...]:
    """Return the delivery addresses beyond the first, and where the company is visited."""
    rows = [row for row in raw.get("addresses") or () if row.get("type") in ("delivery", "visiting")]
    first = next((row for row in rows if row["type"] == "delivery"), None)
    found = (read_address(row["address"]) for row in rows if row is not first)
    return tuple(dict.fromkeys(address for address in found if address and address.line_1))


def _address(raw: JSONDict, kind: str) -> Address | None:
    return next((read_address(row["address"]) for row in raw.get("addresses") or () if row.get("type") == kind), None)
