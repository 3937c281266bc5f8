"""Customer invoices: written through v2, looked up through v1, which has no POST and no GET of the other."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import MappingError
from connectors.base import Existing, FieldInfo, Sent, Text, Written
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.visma_net.api import created_keys, filter_ignored, said
from connectors.visma_net.fields_orders import INVOICE_FIELDS
from connectors.visma_net.order_map import INVOICE_MAP
from connectors.visma_net.products import ItemTarget
from connectors.visma_net.read_values import read_text
from connectors.visma_net.wrap import insert_lines, prune, wrap

CREATE_PATH = "/v2/customerinvoice"
READ_PATH = "/v1/customerinvoice"
REFERENCES = ("customerRefNumber", "externalReference")
COLLAPSE = {
    "expandApplications": "false",
    "expandDunningInformation": "false",
    "expandAttachments": "false",
    "expandTaxDetails": "false",
    "expandInvoiceAddress": "false",
}
DATE_LENGTH = 10
DATES = ("documentDate", "documentDueDate", "cashDiscountDate", "startDate", "endDate", "origInvoiceDate")


class CustomerInvoices(ItemTarget):
    """Customer invoices; our reference stands in two fields that can be filtered by."""

    kind: ClassVar[str] = "customer_invoices"
    title: ClassVar[Text] = _("Customer invoices")
    natural_key: ClassVar[str] = "customerRefNumber"
    default_map: ClassVar[ResourceMap] = INVOICE_MAP
    can_update: ClassVar[bool] = False

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        body = _body(payload, reference)
        answer = self.erp.send("POST", CREATE_PATH, body, is_create=True)
        (number,) = created_keys(answer)
        return Written(id=number, number=number, answer=said(answer), sent=body)

    def find_created(self, sent: Sent) -> list[Written]:
        numbers: dict[str, None] = {}
        for field in REFERENCES:
            mark = str(sent.payload.get(field) or sent.reference)
            numbers |= dict.fromkeys(self._numbers(field, mark))
        return [Written(id=number, number=number) for number in numbers]

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        return [Existing(found.id, found.number) for found in self.find_created(Sent(reference, "", {}, since))]

    def _numbers(self, field: str, mark: str) -> list[str]:
        rows, are_all = self.erp.look_up(READ_PATH, {field: mark} | COLLAPSE)
        found = [row for row in rows if any(read_text(row.get(name)) == mark for name in REFERENCES)]
        if not found and not are_all:
            raise filter_ignored(field)
        return [number for row in found if (number := read_text(row.get("referenceNumber")))]

    def fields(self) -> list[FieldInfo]:
        return list(INVOICE_FIELDS)


def _body(payload: JSONDict, reference: str) -> JSONDict:
    plain: JSONDict = prune(payload)
    for field in REFERENCES:
        plain.setdefault(field, reference)
    for field in DATES:
        if field in plain:
            plain[field] = str(plain[field])[:DATE_LENGTH]
    for name, flag in (("billingAddress", "overrideAddress"), ("invoiceContact", "overrideContact")):
        if name in plain:
            plain[name] = {flag: True} | plain[name]
    plain["invoiceLines"] = [_line(index, line) for index, line in enumerate(plain.get("invoiceLines") or ())]
    return wrap(insert_lines(plain, "invoiceLines"))


def _line(index: int, line: JSONDict) -> JSONDict:
    if read_text(line.get("inventoryNumber")):
        return line
    if not read_text(line.get("description")):
        raise MappingError("line.without_product", field=f"invoiceLines.{index}.inventoryNumber", text="")
    return {name: value for name, value in line.items() if name != "inventoryNumber"}
