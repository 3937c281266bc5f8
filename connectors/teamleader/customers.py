"""Customers: companies, and contacts that buy for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.errors import NotFound, RecordError
from connectors.base import (
    FieldInfo,
    Found,
    KeyPage,
    Omitted,
    Page,
    ReadRecord,
    SourceRecord,
    Unreadable,
    Window,
)
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi, FocusSource, problem_of, readable
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.fields import CUSTOMER_FIELDS, custom_source_fields
from connectors.teamleader.paging import Place, count_listed, is_before, latest_change, list_changed, list_keys
from connectors.teamleader.read_customer import (
    COMPANY,
    CONTACT,
    RESOURCES,
    customer_key,
    find_related_contact,
    read_customer,
    related_contact_ids,
    split_key,
)
from connectors.teamleader.read_values import SYSTEM, find_moment, write_moment

AT_ONCE = 20  # a call each: about what the limit allows in one go
PARTS = (COMPANY, CONTACT, "contact_person", "contacts")
KINDS = {resource: kind for kind, resource in RESOURCES.items()}


class CustomerSource(FocusSource):
    """Companies first, then contacts, each in the order of their changes. A contact that changed brings its companies
    along: their own time of change does not move with it.

    A contact of a company is part of that company's record, so it is left out of a run unless the connection's
    setting "company_contacts" asks for it; `fetch` always reads it, as a deal may name it as the customer.
    """

    kind = "customers"
    title = gettext_lazy("Customers")
    standard_fields = CUSTOMER_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start=RESOURCES[COMPANY])
        seen_until = None
        if not place.pending:
            rows, place = list_changed(self.focus, place, since=write_moment(window.since) if window.since else "")
            seen_until = latest_change(rows)
            place = replace(place, pending=tuple(row["id"] for row in rows if is_before(row, window.until)))
        ids, place = place.take(AT_ONCE)
        records = self._read(KINDS[place.resource], ids)
        if window.since and place.resource == RESOURCES[CONTACT]:
            records += self._read(COMPANY, _companies_of(records))
        return Page(tuple(self._without_company_contacts(records)), _next_position(place), seen_until)

    def counts(self, window: Window) -> Iterator[int]:
        for resource in RESOURCES.values():
            yield from count_listed(self.focus, resource, window)

    def count(self, window: Window) -> Found | None:
        """Count companies and contacts; which of these buy for themselves is known only once they are read."""
        where = {"updated_since": write_moment(window.since)} if window.since else {}
        found = [self.focus.count(resource, where=where) for resource in RESOURCES.values()]
        return Found(sum(one.count for one in found), is_more=any(one.is_more for one in found))

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        wanted = [split_key(key) for key in keys]
        found = {
            record.key: record
            for kind in RESOURCES
            for record in self._read(kind, [record_id for its_kind, record_id in wanted if its_kind == kind])
        }
        return [found[key] for key in dict.fromkeys(keys)]

    def reread(self, keys: Sequence[str]) -> list[ReadRecord]:
        return list(self._without_company_contacts(self.fetch(keys)))

    def keys(self, position: Any | None) -> KeyPage:
        """List companies and contacts; which contacts are part of a company is known only once they are read."""
        resource = position["resource"] if position else RESOURCES[COMPANY]
        kind = KINDS[resource]
        rows, place = list_keys(self.focus, position, start=resource, key=lambda row: customer_key(kind, row["id"]))
        return KeyPage(rows, _next_position(place))

    def parse(self, raw: JSONDict) -> SourceRecord:
        customer = read_customer(raw)
        return SourceRecord(customer.key, customer.name, customer, raw, _changed_at(raw), customer.email or "")

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
    read = readable(companies.values())
    people = focus.parts(RESOURCES[CONTACT], [found for company in read for found in related_contact_ids(company)])
    raws: dict[tuple[str, str], JSONDict | RecordError] = {}
    for record_id, company in companies.items():
        raws[COMPANY, record_id] = company if isinstance(company, RecordError) else _with_people(company, people)
    for record_id, contact in contacts.items():
        raws[CONTACT, record_id] = contact if isinstance(contact, RecordError) else {CONTACT: contact}
    return raws


def customer_in(raw: JSONDict) -> JSONDict:
    """Return what a document was read with of its customer, as this source parses it; {} if it names none."""
    parts = {name: raw[name] for name in PARTS if raw.get(name)}
    return parts if COMPANY in parts or CONTACT in parts else {}


def _with_people(company: JSONDict, people: Mapping[str, JSONDict | RecordError]) -> JSONDict | RecordError:
    main = people.get(find_related_contact(company) or "")
    contacts = [people[found] for found in related_contact_ids(company) if found in people]
    if error := problem_of((main, *contacts)):
        return error
    return {COMPANY: company, "contact_person": main, "contacts": contacts}


def _changed_at(raw: JSONDict) -> datetime | None:
    """Return when a customer or one of its people changed last."""
    parts = (raw.get(COMPANY) or raw[CONTACT], *(raw.get("contacts") or ()))
    moments = (find_moment(part.get("updated_at")) for part in parts)
    return max((moment for moment in moments if moment), default=None)


def _companies_of(contacts: Iterable[ReadRecord]) -> list[str]:
    rows = [row for record in contacts for row in (record.raw.get(CONTACT) or {}).get("companies") or ()]
    return list(dict.fromkeys(row["company"]["id"] for row in rows if row.get("company")))


def _next_position(place: Place) -> JSONDict | None:
    if not place.is_end:
        return place.to_json()
    return Place(RESOURCES[CONTACT]).to_json() if place.resource == RESOURCES[COMPANY] else None
