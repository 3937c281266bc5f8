"""Customers: companies, and contacts that buy for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.errors import NotFound, RecordError
from connectors.base import FieldInfo, Omitted, Page, ReadRecord, SourceRecord, Unreadable, Window
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi, FocusSource
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.fields import CUSTOMER_FIELDS, custom_source_fields
from connectors.teamleader.paging import Place, is_before, latest_change, list_changed
from connectors.teamleader.read_customer import (
    COMPANY,
    CONTACT,
    RESOURCES,
    customer_key,
    find_related_contact,
    read_customer,
    split_key,
)
from connectors.teamleader.read_values import SYSTEM, read_moment, write_moment

AT_ONCE = 20  # a call each: about what the limit allows in one go
KINDS = {resource: kind for kind, resource in RESOURCES.items()}


class CustomerSource(FocusSource):
    """Companies first, then contacts, each in the order of their changes.

    A contact of a company is part of that company's record, so it is left out of a run unless the connection's
    setting "company_contacts" asks for it; `fetch` always reads it, as a deal may name it as the customer.
    """

    kind = "customers"
    title = gettext_lazy("Customers")

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start=RESOURCES[COMPANY])
        seen_until = None
        if not place.pending:
            rows, place = list_changed(self.focus, place, since=write_moment(window.since) if window.since else "")
            seen_until = latest_change(rows)
            place = replace(place, pending=tuple(row["id"] for row in rows if is_before(row, window.until)))
        ids, place = place.take(AT_ONCE)
        records = self._read(KINDS[place.resource], ids)
        return Page(tuple(self._without_company_contacts(records)), _next_position(place), seen_until)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        wanted = [split_key(key) for key in keys]
        found = {
            record.key: record
            for kind in RESOURCES
            for record in self._read(kind, [record_id for its_kind, record_id in wanted if its_kind == kind])
        }
        return [found[key] for key in dict.fromkeys(keys)]

    def parse(self, raw: JSONDict) -> SourceRecord:
        customer = read_customer(raw)
        moment = read_moment((raw.get(COMPANY) or raw[CONTACT]).get("updated_at"))
        return SourceRecord(customer.key, customer.name, customer, raw, moment, customer.email or "")

    def fields(self) -> list[FieldInfo]:
        definitions = load_definitions(self.focus, COMPANY, CONTACT)
        return [*CUSTOMER_FIELDS, *custom_source_fields(definitions, prefix="custom_fields")]

    def _read(self, kind: str, ids: Sequence[str]) -> list[ReadRecord]:
        raws = read_raw_customers(self.focus, [(kind, record_id) for record_id in ids])
        return [self._record(customer_key(kind, record_id), raws[kind, record_id]) for record_id in ids]

    def _record(self, key: str, raw: JSONDict | RecordError) -> ReadRecord:
        if isinstance(raw, NotFound):
            return Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM})
        if isinstance(raw, RecordError):
            return Unreadable(key, key, raw, {})
        try:
            return self.parse(raw)
        except RecordError as error:
            return Unreadable(key, key, error, raw)

    def _without_company_contacts(self, records: Iterable[ReadRecord]) -> Iterable[ReadRecord]:
        keeps_all = bool(self.connector.settings.get("company_contacts"))
        for record in records:
            if keeps_all or not (record.raw.get(CONTACT) or {}).get("companies"):
                yield record
            else:
                params = {"filter": _("contacts of a company")}
                yield Omitted(record.key, record.natural_key, "skip.filtered", record.raw, params, record.modified_at)


def read_raw_customers(
    focus: FocusApi, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], JSONDict | RecordError]:
    """Read customers by kind and id: each in full, and the persons of all companies in one call."""
    pairs = list(dict.fromkeys(wanted))
    company_ids = [record_id for kind, record_id in pairs if kind == COMPANY]
    contact_ids = [record_id for kind, record_id in pairs if kind == CONTACT]
    companies = focus.infos(RESOURCES[COMPANY], company_ids, includes="related_contacts")
    contacts = focus.infos(RESOURCES[CONTACT], contact_ids)
    speaks = {
        record_id: find_related_contact(company)
        for record_id, company in companies.items()
        if not isinstance(company, RecordError)
    }
    persons = focus.by_ids(RESOURCES[CONTACT], [found for found in speaks.values() if found])
    raws: dict[tuple[str, str], JSONDict | RecordError] = {}
    for record_id, company in companies.items():
        person = persons.get(speaks.get(record_id) or "")
        raws[COMPANY, record_id] = (
            company if isinstance(company, RecordError) else {COMPANY: company, "contact_person": person}
        )
    for record_id, contact in contacts.items():
        raws[CONTACT, record_id] = contact if isinstance(contact, RecordError) else {CONTACT: contact}
    return raws


def _next_position(place: Place) -> JSONDict | None:
    if not place.is_end:
        return place.to_json()
    return Place(RESOURCES[CONTACT]).to_json() if place.resource == RESOURCES[COMPANY] else None
