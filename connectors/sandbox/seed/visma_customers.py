"""The 25 customers of the Visma.net company: 15 that Teamleader knows too, spelled otherwise, and two that clash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.sandbox.seed.people import Company, companies, persons
from connectors.sandbox.seed.records import Body, Record
from connectors.sandbox.seed.visma_company import CLASSES, COUNTRIES, TERMS, ZONES
from connectors.sandbox.visma_net.customers import main_location, new_customer
from connectors.sandbox.visma_net.wire import to_milliseconds

SHARED = 15
FIRST_NUMBER = 10_001
EU = ("NL", "FR", "DE", "LU")
STRANGERS = (
    ("Nordlys Interiør AS", "NO", "Oslo", "0150", "Storgata 12", "post@nordlysinterior.example"),
    ("Hovin Belysning AS", "NO", "Drammen", "3015", "Bragernes torg 4", "ordre@hovinbelysning.example"),
    ("Bjørvika Hotell AS", "NO", "Oslo", "0191", "Dronning Eufemias gate 9", "innkjop@bjorvikahotell.example"),
    ("Ljus & Form AB", "SE", "Göteborg", "41105", "Västra Hamngatan 6", "info@ljusochform.example"),
    ("Lamp & Co Ltd", "GB", "Leeds", "LS1 4AP", "12 Park Row", "accounts@lampandco.example"),
    ("Brouwerij De Kroon", "BE", "Diksmuide", "8600", "Grote Markt 3", "info@brouwerijdekroon.example"),
    ("Stadsbestuur Lokeren", "BE", "Lokeren", "9160", "Groentemarkt 1", "facturen@lokeren.example"),
)


def records(now: datetime) -> Iterator[Record]:
    """Every customer with its main location."""
    for index, customer in enumerate(_customers()):
        moment = to_milliseconds(now - timedelta(days=150 - index * 5, milliseconds=index))
        created = moment - timedelta(days=90)
        yield Record("customer", customer["number"], customer, created, moment)
        yield Record("location", f"{customer['number']}/MAIN", main_location(customer), created, moment)


def count() -> int:
    return sum(1 for _ in _customers())


def _customers() -> Iterator[Body]:
    shared = companies()[:SHARED]
    number = FIRST_NUMBER
    for company in shared:
        yield _shared_customer(number, company)
        number += 1
    # Two customers with one e-mail address, which a third system's record cannot choose between.
    twin = shared[-1]
    yield _customer(number, f"{twin.name} (praktijk 2)", twin.country, _place(twin), email=twin.email)
    number += 1
    for name, country, city, postal_code, street, email in STRANGERS:
        yield _customer(number, name, country, (street, postal_code, city), email=email)
        number += 1
    for person in persons()[6:8]:
        place = (person.street, person.postal_code, person.city)
        name = f"{person.first_name} {person.last_name}"
        yield _customer(number, name, person.country, place, email=person.email, customer_class="PRIVATE")
        number += 1


def _shared_customer(number: int, company: Company) -> Body:
    """A third each is found by VAT number, registration number and e-mail, never spelled as in the CRM."""
    customer = _customer(number, company.name, company.country, _place(company), email="")
    way = company.number % 3
    if way == 1:
        customer["vatRegistrationId"] = spelled_vat(company)
    elif way == 2:
        customer["corporateId"] = spelled_registration(company)
        customer["mainContact"]["email"] = f"boekhouding@{company.domain}"
    else:
        customer["mainContact"]["email"] = company.email.upper() if company.number % 2 else company.email
    return customer


def spelled_vat(company: Company) -> str:
    """Write a VAT number as people do: BE 0899.623.035, NL 812345137 B01."""
    number = company.vat_number
    if company.country == "BE":
        return f"BE {number[2:6]}.{number[6:9]}.{number[9:]}"
    if company.country == "NL":
        return f"NL {number[2:11]} {number[11:]}"
    return f"{number[:2]} {number[2:]}"


def spelled_registration(company: Company) -> str:
    number = company.registration
    return f"{number[:4]}.{number[4:7]}.{number[7:]}" if company.country == "BE" else number.replace(" ", "")


def _place(company: Company) -> tuple[str, str, str]:
    return company.street, company.postal_code, company.city


def _customer(
    number: int, name: str, country: str, place: tuple[str, str, str], *, email: str, customer_class: str = ""
) -> Body:
    street, postal_code, city = place
    class_id = customer_class or ("BE" if country == "BE" else "EU" if country in EU else "EXPORT")
    description, zone, terms, currency, method = CLASSES[class_id]
    customer = new_customer(str(number), internal_id=number)
    address = {
        **customer["mainAddress"],
        "addressLine1": street,
        "postalCode": postal_code,
        "city": city,
        "country": {"id": country, "name": COUNTRIES[country]},
    }
    contact = {**customer["mainContact"], "name": name, "email": email}
    return customer | {
        "name": name,
        "mainAddress": address,
        "mainContact": contact,
        "invoiceAddress": dict(address),
        "invoiceContact": dict(contact),
        "deliveryAddress": dict(address),
        "deliveryContact": dict(contact),
        "customerClass": {"id": class_id, "description": description},
        "creditTerms": {"id": terms, "description": f"{TERMS[terms]} days net" if TERMS[terms] else "Due at once"},
        "currencyId": currency,
        "vatZone": {"id": zone, "description": ZONES[zone][0], "defaultVatCategory": ZONES[zone][1]},
        "location": {"countryId": country, "id": "MAIN", "name": "Primary Location"},
        "paymentMethods": [{"paymentMethodId": method, "isDefault": True}],
        "defaultPaymentMethodId": method,
    }
