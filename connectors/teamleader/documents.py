"""What invoices and credit notes have in common as sources: read in full, with their customer and product codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from apicenter.errors import NotFound, RecordError
from connectors.base import FieldInfo, Omitted, Page, ReadRecord, SourceRecord, Unreadable, Window
from connectors.core import JSONDict
from connectors.teamleader.api import FocusSource, problem_of, readable
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.customers import customer_in, read_raw_customers
from connectors.teamleader.fields import INVOICE_FIELDS, custom_source_fields
from connectors.teamleader.lookups import tax_rates_by_id
from connectors.teamleader.paging import Place, is_before, latest_change, list_numbered
from connectors.teamleader.read_invoice import BOOKED, read_sale
from connectors.teamleader.read_lines import product_ids, tax_ids
from connectors.teamleader.read_values import SYSTEM, find_moment, write_moment

AT_ONCE = 20  # a call each: about what the limit allows in one go


class DocumentSource(FocusSource):
    """Booked invoices or credit notes. A draft has no number yet and is left out until it is booked."""

    resource: ClassVar[str]  # of the API
    part: ClassVar[str]  # the name the document has among the parts of a record
    statuses: ClassVar[tuple[str, ...]] = ()  # the ones to list, where the list knows such a filter
    sort: ClassVar[tuple[JSONDict, ...]] = ()
    standard_fields = INVOICE_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start=self.resource)
        seen_until = None
        if not place.pending:
            rows, place = list_numbered(self.focus, place, where=self.where(window), sort=self.sort, stubs=True)
            seen_until = latest_change(rows)
            place = replace(place, pending=tuple(row["id"] for row in rows if is_before(row, window.until)))
        ids, place = place.take(AT_ONCE)
        return Page(tuple(self.read(ids)), None if place.is_end else place.to_json(), seen_until)

    def where(self, window: Window) -> JSONDict:
        """Return the filter for what a window holds."""
        where: JSONDict = {"status": list(self.statuses)} if self.statuses else {}
        return where | ({"updated_since": write_moment(window.since)} if window.since else {})

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        return self.read(keys)

    def parse(self, raw: JSONDict) -> SourceRecord:
        sale = read_sale(raw)
        modified_at = find_moment(raw[self.part].get("updated_at"))
        label = sale.customer.name if sale.customer else ""
        return SourceRecord(sale.key, sale.number, sale, raw, modified_at, label, self.kind)

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        parts = customer_in(record.raw) if kind == "customers" else {}
        return self.connector.source(kind).parse(parts) if parts else None

    def fields(self) -> list[FieldInfo]:
        definitions = load_definitions(self.focus, "invoice")
        return [*INVOICE_FIELDS, *custom_source_fields(definitions, prefix="custom_fields")]

    def read(self, ids: Sequence[str]) -> list[ReadRecord]:
        """Read documents in full; records that several of them share are read once."""
        found = self.focus.infos(self.resource, ids)
        documents = readable(found.values())
        customers = read_raw_customers(self.focus, filter(None, map(_customer_of, documents)))
        products = self.focus.parts("products", [key for one in documents for key in product_ids(one)])
        rates = tax_rates_by_id(self.focus) if documents else {}
        addresses = self.addresses(documents)
        read: list[ReadRecord] = []
        for key, document in found.items():
            if isinstance(document, RecordError):
                read.append(self._unread(key, key, document, {}))
                continue
            customer = customers.get(_customer_of(document) or ("", ""), {})
            sold = {one: products[one] for one in product_ids(document) if one in products}
            raw: JSONDict = {
                self.part: {**document, **addresses.get(key, {})},
                **({} if isinstance(customer, RecordError) else customer),
                "products": {product["id"]: _code_of(product) for product in readable(sold.values())},
                "tax_rates": {one: rates[one] for one in tax_ids(document) if one in rates},
            }
            read.append(self._record(raw, problem_of((customer, *sold.values()))))
        return read

    def addresses(self, documents: Iterable[JSONDict]) -> dict[str, JSONDict]:
        """Return what only list rows tell of these documents: {"web_url": …} by id."""
        return {}

    def _record(self, raw: JSONDict, problem: RecordError | None) -> ReadRecord:
        document = raw[self.part]
        if self.statuses and document.get("status") not in BOOKED:
            params = {"filter": _("booked invoices")}
            moment = find_moment(document.get("updated_at"))
            return Omitted(document["id"], document["id"], "skip.filtered", raw, params, moment, self.kind)
        try:
            if problem is not None:
                raise problem
            return self.parse(raw)
        except RecordError as error:
            return self._unread(document["id"], _number_of(document), error, raw)

    def _unread(self, key: str, natural_key: str, error: RecordError, raw: JSONDict) -> ReadRecord:
        if isinstance(error, NotFound):
            return Omitted(key, natural_key, "skip.deleted", raw, {"system": SYSTEM}, kind=self.kind)
        return Unreadable(key, natural_key, error, raw, kind=self.kind)


def _customer_of(document: JSONDict) -> tuple[str, str] | None:
    customer = (document.get("invoicee") or {}).get("customer")
    return (customer["type"], customer["id"]) if customer else None


def _number_of(document: JSONDict) -> str:
    return str(document.get("invoice_number") or document.get("credit_note_number") or document["id"])


def _code_of(product: JSONDict) -> JSONDict:
    return {name: product.get(name) for name in ("id", "code", "name")}
