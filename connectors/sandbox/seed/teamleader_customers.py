"""The companies and contacts of the fake Teamleader account, with numbers spelled in every way people spell them."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.sandbox.seed.people import Company, Person, companies, persons
from connectors.sandbox.seed.records import Body, Record, link, stamp, uid
from connectors.sandbox.seed.teamleader_settings import TERMS, custom_field

WITHOUT_VAT = (5, 12, 23)  # found by registration number
WITHOUT_NUMBERS = (9, 30)  # found by e-mail only
SECOND_JOBS = {2: 8}  # a person who is at another company too, which has two contacts by that
FURTHER_PLACES = {8: (("delivery", "Maashaven 14"), ("visiting", "Wijnhaven 21 B"))}  # with its own: three places


def records(now: datetime) -> list[Record]:
    return [*(_company(firm, now) for firm in companies()), *(_contact(person, now) for person in persons())]


def _company(firm: Company, now: datetime) -> Record:
    created_at = now - timedelta(days=400 - firm.number * 5, hours=firm.number)
    modified_at = now - timedelta(days=190 - firm.number * 4, minutes=firm.number * 7)
    has_numbers = firm.number not in WITHOUT_NUMBERS
    body: Body = {
        "id": uid("company", firm.number),
        "name": firm.name,
        "status": "active",
        "business_type": None,
        "vat_number": spelled(firm.vat_number, firm.number) if has_numbers and firm.number not in WITHOUT_VAT else None,
        "national_identification_number": firm.registration if has_numbers and firm.number % 2 else None,
        "emails": _emails(firm),
        "telephones": [{"type": "phone", "number": firm.phone}],
        "website": f"https://www.{firm.domain}",
        "addresses": _addresses(firm),
        "iban": None,
        "bic": None,
        "language": firm.language,
        "preferred_currency": "NOK" if firm.country == "NO" else "EUR",
        "payment_term": TERMS[firm.number % len(TERMS)],
        "invoicing_preferences": {"electronic_invoicing_address": _peppol_id(firm)},
        "responsible_user": link("user", firm.number % 3),
        "remarks": "Prefers delivery **before noon**." if firm.number % 9 == 0 else None,
        "added_at": stamp(created_at),
        "updated_at": stamp(modified_at),
        "web_url": f"https://focus.teamleader.eu/company_detail.php?id={firm.number}",
        "tags": ["customer", firm.country.lower()] if firm.number % 4 else ["prospect"],
        "custom_fields": [custom_field("company", "Customer group", "Retail" if firm.number % 2 else "Project")],
        "marketing_mails_consent": firm.number % 3 == 0,
        "price_list": link("priceList", "Resellers") if firm.number % 10 == 0 else None,
        "related_companies": [],
        "related_contacts": [],
    }
    return Record("company", body["id"], body, created_at, modified_at)


def _contact(person: Person, now: datetime) -> Record:
    created_at = now - timedelta(days=300 - person.number * 6, hours=person.number)
    modified_at = now - timedelta(days=150 - person.number * 7, minutes=person.number * 11)
    jobs = filter(None, (person.company, SECOND_JOBS.get(person.number)))
    body: Body = {
        "id": uid("contact", person.number),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "status": "active",
        "salutation": None,
        "vat_number": None,
        "emails": [{"type": "primary", "email": person.email}],
        "telephones": [{"type": "mobile", "number": person.phone}],
        "website": None,
        "addresses": [_address("primary", person.street, person)],
        "gender": "unknown",
        "birthdate": None,
        "iban": None,
        "bic": None,
        "national_identification_number": None,
        "companies": [_job(person, company) for company in jobs],
        "language": person.language,
        "payment_term": None,
        "invoicing_preferences": {"electronic_invoicing_address": None},
        "remarks": None,
        "tags": ["customer"] if person.number % 3 else ["customer", "newsletter"],
        "custom_fields": [],
        "marketing_mails_consent": person.number % 4 == 0,
        "added_at": stamp(created_at),
        "updated_at": stamp(modified_at),
        "web_url": f"https://focus.teamleader.eu/contact_detail.php?id={person.number}",
        "price_list": None,
    }
    return Record("contact", body["id"], body, created_at, modified_at)


def _job(person: Person, company: int) -> Body:
    is_second = company != person.company
    return {
        "position": "Adviser" if is_second else "Buyer" if person.number % 2 else "Owner",
        "secondary_position": None,
        "division": None,
        "decision_maker": person.number % 2 == 0 and not is_second,
        "company": link("company", company),
    }


def spelled(number: str, way: int) -> str:
    """A Belgian number as people type it; those of other countries now and then with a space."""
    if not number.startswith("BE"):
        return f"{number[:2]} {number[2:]}" if way % 4 == 1 else number
    a, b, c = number[2:6], number[6:9], number[9:12]
    return (f"BE{a}{b}{c}", f"BE {a}.{b}.{c}", f"BE {a} {b} {c}", f"be{a}.{b}.{c}")[way % 4]


def _peppol_id(firm: Company) -> str | None:
    return f"0208:{firm.registration}" if firm.country == "BE" and firm.number % 5 == 2 else None


def _emails(firm: Company) -> list[Body]:
    primary = firm.email.capitalize() if firm.number % 11 == 0 else firm.email
    emails = [{"type": "primary", "email": primary}]
    if firm.number % 3 == 0:
        emails.append({"type": "invoicing", "email": f"invoices@{firm.domain}"})
    return emails


def _addresses(firm: Company) -> list[Body]:
    addresses = [_address("primary", firm.street, firm)]
    if firm.number % 4 == 0:
        addresses.append(_address("delivery", f"Dockside {firm.number}", firm, addressee=f"{firm.name}, warehouse"))
    for kind, street in FURTHER_PLACES.get(firm.number, ()):
        addresses.append(_address(kind, street, firm))
    if firm.number % 6 == 0:
        addresses.append(_address("invoicing", f"P.O. Box {firm.number * 10}", firm, addressee="Accounts payable"))
    return addresses


def _address(kind: str, street: str, at: Company | Person, *, addressee: str = "") -> Body:
    address: Body = {
        "line_1": street,
        "postal_code": at.postal_code,
        "city": at.city,
        "country": at.country,
        "area_level_two": None,
    }
    return {"type": kind, "address": {**address, "addressee": addressee} if addressee else address}
