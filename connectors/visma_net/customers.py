"""Customers: looked up by what identifies them, created with their contacts and locations, updated field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound, Rejected, RemoteUnavailable
from connectors.base import Connector, Existing, FieldInfo, Part, Sent, Text, Written
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.visma_net.api import TOLERANCE, ErpTarget, created_keys, filter_ignored, path_key, said
from connectors.visma_net.customer_attributes import attribute_lines
from connectors.visma_net.customer_belongings import PARTS, CustomerParts, told
from connectors.visma_net.customer_map import CUSTOMER_MAP
from connectors.visma_net.customer_parts import LISTS, location_for
from connectors.visma_net.fields import CUSTOMER_FIELDS, customer_fields
from connectors.visma_net.read_customer import identities, read_address_payload, read_customer_payload
from connectors.visma_net.read_values import SYSTEM, fold_number, fold_text, read_text
from connectors.visma_net.wrap import prune, wrap

PATH = "/v1/customer"
FILTERS = {"vat_number": "vatRegistrationId", "registration_number": "corporateId", "email": "email"}
NAME_AND_POSTCODE = "name_postcode"  # looked up as "Atelier Lumen|9000"
COLLAPSE = {"expandAccountInformation": "false", "expandPaymentMethods": "false", "expandDirectDebit": "false"}


class Customers(ErpTarget):
    """Debtors; the id is the customer number, which orders and invoices name too."""

    kind: ClassVar[str] = "customers"
    title: ClassVar[Text] = _("Customers")
    natural_key: ClassVar[str] = "name"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = CUSTOMER_FIELDS
    default_map: ClassVar[ResourceMap] = CUSTOMER_MAP
    finders: ClassVar[tuple[str, ...]] = (*FILTERS, NAME_AND_POSTCODE)
    part_paths: ClassVar[tuple[str, ...]] = (*LISTS.values(), "peppolScheme.endpoint")

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self._etags: dict[str, str] = {}
        self._parts = CustomerParts(self.erp)

    def find(self, by: str, value: str) -> list[Existing]:
        rows = self._namesakes(value) if by == NAME_AND_POSTCODE else self._matches(by, value)
        return [_existing(row) for row in rows]

    def _namesakes(self, value: str) -> list[JSONDict]:
        name, _bar, postcode = value.rpartition("|")
        rows, are_all = self.erp.look_up(PATH, {"name": name.strip()} | COLLAPSE)
        hits = [row for row in rows if fold_text(read_text(row.get("name"))) == fold_text(name)]
        if not hits and not are_all:
            raise filter_ignored("name")
        return [row for row in hits if fold_number(_main(row).get("postalCode")) == fold_number(postcode)]

    def _matches(self, by: str, value: str) -> list[JSONDict]:
        """Ask with the value as it is and without separators: the filter compares exactly, people type both."""
        if by not in FILTERS:
            raise NotImplementedError(f"Customers cannot be looked up by {by}.")
        folded = fold_text(value) if by == "email" else fold_number(value)
        if not folded:
            return []
        plain = folded if by == "email" else folded.upper()
        found: dict[str, JSONDict] = {}
        for asked in dict.fromkeys((value.strip(), plain)):
            rows, are_all = self.erp.look_up(PATH, {FILTERS[by]: asked} | COLLAPSE)
            hits = [row for row in rows if folded in identities(row)[by]]
            if not hits and not are_all:
                raise filter_ignored(FILTERS[by])
            found |= {_number(row): row for row in hits}
        return list(found.values())

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        body = self._body(payload)
        body.setdefault("accountReference", {"value": reference})
        if number := read_text(payload.get("number")):
            self._ensure_free(number)
            body["overrideNumberSeries"] = {"value": True}  # else the series gives a number of its own, without a word
        if "customerClassId" in body:
            body["overrideWithClassValues"] = True  # the class brings accounts, terms and cycles; ours go over them
        answer = self.erp.send("POST", PATH, body, is_create=True)
        (number,) = created_keys(answer)
        sent: JSONDict = {"customer": body}
        # From here on the customer stands: an error would have it made again, so what fails is told in its part.
        parts = self._parts.write(number, self._parts.plan_new(payload), sent)
        return Written(id=number, number=number, answer=said(answer), sent=sent, parts=parts)

    def _body(self, payload: JSONDict) -> JSONDict:
        """Return the wrapped customer; attributes are lines there, contacts and locations are records of their own.

        Raises MappingError for an attribute that cannot be written.
        """
        plain: JSONDict = prune({name: value for name, value in payload.items() if name not in PARTS})
        if attributes := plain.pop("attributes", {}):
            class_id = read_text(plain.get("customerClassId"))
            plain["attributeLines"] = attribute_lines(attributes, self._classes, class_id)
        return wrap(plain)

    @cached_property
    def _classes(self) -> list[JSONDict]:
        return self.erp.rows("/v1/customer/customerClass")

    def _ensure_free(self, number: str) -> None:
        """Raise Rejected if a customer has this number: the ERP's own words for it name nobody."""
        try:
            row = self.erp.get(f"{PATH}/{path_key(number)}")
        except NotFound:
            return
        who = read_text(row.get("name")) or "?"
        raise Rejected("number.taken", field="number", number=number, who=who, system=SYSTEM)

    def update(self, target_id: str, payload: JSONDict) -> Written:
        body = self._body(payload)
        body.pop("number", None)  # a customer keeps its number; renumbering is an action of its own
        sent: JSONDict = {}
        if body:
            sent["customer"] = body
            if "customerClassId" in body:
                body["overrideWithClassValues"] = False  # else the class takes back what people set on the customer
            etag = self._etags.pop(target_id, "")
            self.erp.send("PUT", f"{PATH}/{path_key(target_id)}", body, etag=etag)
        parts = self._parts.bring(target_id, payload, sent)
        return Written(id=target_id, number=target_id, sent=sent, parts=parts)

    def complete(self, written: Written, payload: JSONDict) -> Written:
        sent: JSONDict = {}
        parts = self._parts.bring(written.id, payload, sent)
        return replace(written, parts=parts, sent=sent or written.sent)

    def parts(self, target_id: str, payload: JSONDict) -> tuple[Part, ...]:
        plans = self._parts.plan(target_id, payload) if target_id else self._parts.plan_new(payload)
        return tuple(told(one) for one in plans)

    def find_location(self, target_id: str, address: JSONDict) -> str:
        names = {"line_1": "addressLine1", "postal_code": "postalCode", "city": "city", "country": "countryId"}
        wanted = {name: address.get(ours) for ours, name in names.items()}
        return location_for(self._parts.locations(target_id), wanted)

    def read(self, target_id: str) -> JSONDict:
        answer = self.api.call("GET", f"{PATH}/{path_key(target_id)}", headers=self.erp.headers)
        if not isinstance(answer.body, dict):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail="a customer that is no object")
        if etag := answer.headers.get("etag"):
            self._etags[target_id] = etag
        return read_customer_payload(answer.body)

    def find_created(self, sent: Sent) -> list[Written]:
        """Look for the reference among the customers made since; where a map writes another account reference, or a
        person removed it, for the identity."""
        marks = {sent.reference, str(sent.payload.get("accountReference") or sent.reference)}
        rows = [row for row in self._created_since(sent) if read_text(row.get("accountReference")) in marks]
        if not rows:
            rows = self._same_identity(sent.payload)
        return [Written(id=number, number=number) for number in dict.fromkeys(map(_number, rows))]

    def _created_since(self, sent: Sent) -> Iterator[JSONDict]:
        since = sent.sent_at - TOLERANCE
        query = self.erp.since(since, "createdDateTime") | COLLAPSE
        for page in self.erp.pages(PATH, query):
            self.erp.ensure_filtered(page, since, "createdDateTime")
            yield from page

    def _same_identity(self, payload: JSONDict) -> list[JSONDict]:
        contact = payload.get("mainContact") or {}
        values = {
            "vat_number": payload.get("vatRegistrationId"),
            "registration_number": payload.get("corporateId"),
            "email": contact.get("email"),
        }
        for by, value in values.items():
            rows = self._matches(by, str(value)) if value else []
            if by == "email":  # an address may be shared, a VAT number is not
                rows = [row for row in rows if fold_text(row.get("name")) == fold_text(payload.get("name"))]
            if rows:
                return rows
        return []

    def fields(self) -> list[FieldInfo]:
        return customer_fields(self.erp)


def _number(row: JSONDict) -> str:
    return read_text(row.get("number")) or ""


def _main(row: JSONDict) -> JSONDict:
    return read_address_payload(row.get("mainAddress"))


def _existing(row: JSONDict) -> Existing:
    """Return a customer with a label that tells it from others of its name; addresses of people stay out of it."""
    name = read_text(row.get("name")) or ""
    parts = (f"{_number(row)} {name}", _main(row).get("city"), read_text(row.get("vatRegistrationId")))
    return Existing(id=_number(row), natural_key=name, label=" · ".join(part for part in parts if part).strip())
