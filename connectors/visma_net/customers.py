"""Customers: looked up by what identifies them, created with a contact person, updated field by field."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError, RemoteUnavailable
from connectors.base import Connector, Existing, FieldInfo, Sent, Text, Written
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.visma_net.api import TOLERANCE, ErpTarget, created_keys, filter_ignored, path_key, said
from connectors.visma_net.customer_map import CUSTOMER_MAP
from connectors.visma_net.fields import customer_fields
from connectors.visma_net.read_customer import identities, read_customer_payload
from connectors.visma_net.read_values import SYSTEM, fold_number, fold_text, read_text
from connectors.visma_net.wrap import prune, wrap

logger = logging.getLogger(__name__)

PATH = "/v1/customer"
FILTERS = {"vat_number": "vatRegistrationId", "registration_number": "corporateId", "email": "email"}
COLLAPSE = {"expandAccountInformation": "false", "expandPaymentMethods": "false", "expandDirectDebit": "false"}


class Customers(ErpTarget):
    """Debtors; the id is the customer number, which orders and invoices name too."""

    kind: ClassVar[str] = "customers"
    title: ClassVar[Text] = _("Customers")
    natural_key: ClassVar[str] = "name"
    default_map: ClassVar[ResourceMap] = CUSTOMER_MAP
    finders: ClassVar[tuple[str, ...]] = tuple(FILTERS)

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self._etags: dict[str, str] = {}

    def find(self, by: str, value: str) -> list[Existing]:
        return [_existing(row) for row in self._matches(by, value)]

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
        contact = prune(payload.get("contact") or {})
        body = _body(payload)
        body.setdefault("accountReference", {"value": reference})
        if "customerClassId" in body:
            body["overrideWithClassValues"] = True  # the class brings accounts, terms and cycles; ours go over them
        answer = self.erp.send("POST", PATH, body, is_create=True)
        (number,) = created_keys(answer)
        sent: JSONDict = {"customer": body}
        noted = self._try_contact(number, contact, sent) if contact else ""
        told = {**said(answer), "contact": noted} if noted else said(answer)
        return Written(id=number, number=number, answer=told, sent=sent)

    def _try_contact(self, number: str, contact: JSONDict, sent: JSONDict) -> str:
        """Make the contact person and return what went wrong. The customer exists by now: an error would have it
        made again, while the next update makes a missing contact anyway."""
        try:
            self._create_contact(number, contact, sent)
        except ApicenterError as error:
            logger.warning("customer %s: contact person not made: %s %s", number, error.code, error.detail)
            return str(error)
        return ""

    def _create_contact(self, number: str, contact: JSONDict, sent: JSONDict) -> None:
        sent["contact"] = wrap({"businessAccount": number, "active": True, **contact})
        self.erp.send("POST", "/v1/contact", sent["contact"], is_create=True)

    def update(self, target_id: str, payload: JSONDict) -> Written:
        contact = prune(payload.get("contact") or {})
        body = _body(payload)
        sent: JSONDict = {}
        if body:
            sent["customer"] = body
            etag = self._etags.pop(target_id, "")
            self.erp.send("PUT", f"{PATH}/{path_key(target_id)}", body, etag=etag)
        if contact:
            self._bring_contact(target_id, contact, sent)
        return Written(id=target_id, number=target_id, sent=sent)

    def _bring_contact(self, number: str, contact: JSONDict, sent: JSONDict) -> None:
        rows = self.erp.rows(f"{PATH}/{path_key(number)}/contact")
        same = next((row for row in rows if _is_same_person(row, contact)), None)
        if same is None:
            self._create_contact(number, contact, sent)
        elif changes := {name: value for name, value in contact.items() if same.get(name) != value}:
            sent["contact"] = wrap(changes)
            self.erp.send("PUT", f"/v1/contact/{same['contactId']}", sent["contact"])

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


def _body(payload: JSONDict) -> JSONDict:
    """Return the wrapped customer; attributes are lines there, the contact person is a record of its own."""
    plain: JSONDict = prune({name: value for name, value in payload.items() if name != "contact"})
    attributes = plain.pop("attributes", {})
    if attributes:
        plain["attributeLines"] = [
            {"attributeId": code, "attributeValue": str(value)} for code, value in attributes.items()
        ]
    return wrap(plain)


def _number(row: JSONDict) -> str:
    return read_text(row.get("number")) or ""


def _existing(row: JSONDict) -> Existing:
    name = read_text(row.get("name")) or ""
    return Existing(id=_number(row), natural_key=name, label=f"{_number(row)} {name}".strip())


def _is_same_person(row: JSONDict, contact: JSONDict) -> bool:
    if contact.get("email") and row.get("email"):
        return fold_text(row["email"]) == fold_text(contact["email"])
    names = ("firstName", "lastName")
    return all(fold_text(row.get(name)) == fold_text(contact.get(name)) for name in names)
