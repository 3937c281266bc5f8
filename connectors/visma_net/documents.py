"""What customer invoices, credit notes and cash sales have in common: found by our reference, numbered, released."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from apicenter.errors import (
    FlowError,
    MappingError,
    NotFinished,
    NotFound,
    OutcomeUnknown,
    Rejected,
    RemoteUnavailable,
    RetryableError,
)
from connectors.base import Existing, FieldInfo, Sent, Written
from connectors.core import JSONDict, Totals
from connectors.http import Answer
from connectors.revising import Standing
from connectors.visma_net.api import created_keys, filter_ignored, path_key, said
from connectors.visma_net.dialect import name_customer
from connectors.visma_net.document_standing import read_document
from connectors.visma_net.order_standing import gone
from connectors.visma_net.products import ItemTarget
from connectors.visma_net.read_values import SYSTEM, read_text, read_totals
from connectors.visma_net.wrap import insert_lines, prune, wrap

COLLAPSE = {
    "expandApplications": "false",
    "expandDunningInformation": "false",
    "expandAttachments": "false",
    "expandTaxDetails": "false",
    "expandInvoiceAddress": "false",
}
DATE_LENGTH = 10
NUMBER_LENGTH = 15
DATES = ("documentDate", "documentDueDate", "cashDiscountDate", "startDate", "endDate", "origInvoiceDate")
OVERRIDES = {"billingAddress": "overrideAddress", "invoiceAddress": "overrideAddress"} | {
    "invoiceContact": "overrideContact"
}
UNRELEASED = ("Hold", "Balanced")
UNDONE = ("Queued", "InProcess")  # an action that was taken on and is not done
FAILED = "Failed"


class CustomerDocuments(ItemTarget):
    """Documents of a customer. "release" in a payload is no field of theirs: it asks for the action afterwards.

    Our reference stands in `references`, which their lists can be filtered by.
    """

    create_path: ClassVar[str]
    read_path: ClassVar[str]
    lines: ClassVar[str]
    references: ClassVar[tuple[str, ...]] = ("customerRefNumber", "externalReference")
    can_override_series: ClassVar[bool] = True  # whether a number of ours is taken where the series is automatic
    id_prefix: ClassVar[str] = ""  # where numbers are the same as those of other documents
    can_update: ClassVar[bool] = False
    can_read: ClassVar[bool] = False
    tells_totals: ClassVar[bool] = True
    lines_need_items: ClassVar[bool] = False
    deletes_unreleased: ClassVar[bool] = False  # whether the API takes away what was never released

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        plain: JSONDict = prune(payload)
        is_released = _wants_release(plain)
        body = self.body(plain, reference)
        try:
            answer = self.erp.send("POST", self.create_path, body, is_create=True)
        except Rejected as error:
            existing = self._with_own_number(plain, reference)
            if existing is None:
                name_customer(error, plain.get("customerNumber"))
                raise
            return existing
        number = _number_in(answer, read_text(plain.get("referenceNumber")))
        if is_released:
            try:
                self._release(number)
            except (RetryableError, FlowError) as error:  # it is there: found again, and released then
                raise OutcomeUnknown(system=SYSTEM, detail=f"{number} made, not released: {error.code}") from error
        return Written(id=f"{self.id_prefix}{number}", number=number, answer=said(answer), sent=body)

    def body(self, plain: JSONDict, reference: str) -> JSONDict:
        """Return what goes over the wire. Raises MappingError."""
        plain = {name: value for name, value in plain.items() if name != "release"}
        for field in self.references:
            plain.setdefault(field, reference)
        for field in DATES:
            if field in plain:
                plain[field] = str(plain[field])[:DATE_LENGTH]
        for name, flag in OVERRIDES.items():
            if name in plain:
                plain[name] = {flag: True} | plain[name]
        number = read_text(plain.get("referenceNumber"))
        if number and len(number) > NUMBER_LENGTH:
            raise MappingError(field="referenceNumber", why=_("“%(number)s” is too long a number") % {"number": number})
        if number and self.can_override_series:
            plain.setdefault("overrideNumberSeries", True)
        plain[self.lines] = [self._line(index, line) for index, line in enumerate(plain.get(self.lines) or ())]
        return wrap(insert_lines(plain, self.lines))

    def _line(self, index: int, line: JSONDict) -> JSONDict:
        line = self.subaccounts.on_line(line, where=f"{self.lines}.{index}")
        if read_text(line.get("inventoryNumber")):
            return line
        if not read_text(line.get("description")):
            raise MappingError("line.without_product", field=f"{self.lines}.{index}.inventoryNumber", text="")
        return {name: value for name, value in line.items() if name != "inventoryNumber"}

    def find_created(self, sent: Sent) -> list[Written]:
        """Find the document by our reference, and release it if that is what is left to do. Raises NotFinished."""
        found: dict[str, JSONDict] = {}
        for field in self.references:
            found |= self._rows(field, str(sent.payload.get(field) or sent.reference))
        if len(found) == 1 and _wants_release(sent.payload):
            for number, row in found.items():
                if row.get("status") in UNRELEASED:
                    self._release(number)
        return [Written(id=f"{self.id_prefix}{number}", number=number) for number in found]

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        return [Existing(found.id, found.number) for found in self.find_created(Sent(reference, "", {}, since))]

    def _rows(self, field: str, mark: str) -> dict[str, JSONDict]:
        rows, are_all = self.erp.look_up(self.read_path, {field: mark} | COLLAPSE)
        found = [row for row in rows if any(read_text(row.get(name)) == mark for name in self.references)]
        if not found and not are_all:
            raise filter_ignored(field)
        return {number: row for row in found if (number := read_text(row.get("referenceNumber")))}

    def _with_own_number(self, payload: JSONDict, reference: str) -> Written | None:
        """Return the document that has the number we gave, if it is ours: then the ERP itself refused a second one."""
        number = read_text(payload.get("referenceNumber"))
        if not number:
            return None
        row = self.find_document(number)
        if row is None or all(read_text(row.get(name)) != reference for name in self.references):
            return None
        return Written(id=f"{self.id_prefix}{number}", number=number)

    def totals_of(self, target_id: str) -> Totals | None:
        """Amounts in the document's currency are those called …InCurrency (visma_net.openapi.yaml)."""
        row = self.erp.get(f"{self.read_path}/{path_key(target_id.removeprefix(self.id_prefix))}")
        return read_totals(row, including="amountInCurrency", tax="vatTotalInCurrency")

    def standing(self, target_id: str) -> Standing:
        row = self.find_document(target_id.removeprefix(self.id_prefix))
        if row is None:
            return gone(target_id)
        may_delete = self.deletes_unreleased and row.get("status") in UNRELEASED
        return read_document(target_id, row, self.lines, may_delete=may_delete)

    def cancel(self, standing: Standing) -> Written:
        """Delete a document that was never released. Doing it twice is harmless: it is looked at before."""
        number = standing.id.removeprefix(self.id_prefix)
        path = f"{self.read_path}/{path_key(number)}"
        self.api.call("DELETE", path, headers=self.erp.headers, is_create=True)
        return Written(standing.id, number=number, sent={"method": "DELETE"}, note="order.deleted_there")

    def find_document(self, number: str) -> JSONDict | None:
        """Return a document of this kind by its number."""
        try:
            row = self.erp.get(f"{self.read_path}/{path_key(number)}")
        except NotFound:
            return None
        return row if isinstance(row, dict) else None

    def _release(self, number: str) -> None:
        """Release a document. Raises NotFinished when that is refused, RetryableError while it is not done yet."""
        try:
            answer = self.erp.send("POST", f"{self.read_path}/{path_key(number)}/action/release", {})
        except Rejected as error:
            words = error.params.get("answer") or str(error)
            raise NotFinished(system=SYSTEM, number=number, answer=words, detail=error.detail) from error
        body = answer.body if isinstance(answer.body, dict) else {}
        if body.get("actionResult") == FAILED:
            raise NotFinished(system=SYSTEM, number=number, answer=read_text(body.get("errorInfo")) or FAILED)
        if body.get("actionResult") in UNDONE and (self.find_document(number) or {}).get("status") in UNRELEASED:
            raise RemoteUnavailable(system=SYSTEM, detail=f"the release of {number} is still {body['actionResult']}")

    def fields(self) -> list[FieldInfo]:
        return list(self.standard_fields)


def _number_in(answer: Answer, own: str | None) -> str:
    """Return the number of what was made. One of ours may hold a slash, which nobody says how a Location writes."""
    (last,) = created_keys(answer)
    path = unquote(urlsplit(answer.headers.get("location", "")).path)
    return own if own and path.endswith(f"/{own}") else last


def _wants_release(payload: JSONDict) -> bool:
    return bool(payload.get("release")) and not payload.get("hold")
