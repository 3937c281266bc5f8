"""How far sales orders have come: the orders that changed, and those whose shipments did.

A list row says no more than the status; shipments, their tracking numbers and invoices are read for the orders that
turn out to matter (`complete`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError, NotFound, PermissionMissing, RecordError, RemoteUnavailable
from connectors.base import (
    FieldInfo,
    FieldType,
    Found,
    Omitted,
    Page,
    ReadRecord,
    SourceRecord,
    Text,
    Unreadable,
    Window,
)
from connectors.core import JSONDict
from connectors.parts import first_fields, is_bad_answer, read_in_parts
from connectors.visma_net.api import ErpSource, Stubs, path_key, too_large, utc_text
from connectors.visma_net.invoices import READ_PATH as INVOICE_PATH
from connectors.visma_net.lists import Place
from connectors.visma_net.read_order_status import (
    invoice_numbers,
    order_keys,
    read_order_status,
    shipment_numbers,
)
from connectors.visma_net.read_values import SYSTEM, read_rows, read_text
from connectors.visma_net.sales_orders import V2_PATH, V3_PATH

ORDER_STUBS, SHIPMENT_STUBS = Stubs(("orderType", "orderNo")), Stubs(("shipmentNumber",))
ORDERS, SHIPMENTS = "orders", "shipments"
SHIPMENT_PATH = "/v1/shipment"
UNTOUCHED = ("Hold", "CreditHold", "PendingApproval")  # nothing of such an order was sent yet

ORDER_STATUS_FIELDS = (
    FieldInfo("number", _("Order number")),
    FieldInfo("order_type", _("Order type")),
    FieldInfo("status", _("Status of the order")),
    FieldInfo("shipped_on", _("Shipped on"), FieldType.DATE),
    FieldInfo("tracking_number", _("Tracking number")),
    FieldInfo("invoice_number", _("Invoice number")),
    FieldInfo("invoice_status", _("Status of the invoice")),
    FieldInfo("customer_number", _("Customer number")),
    FieldInfo("description", _("Description")),
    FieldInfo("currency", _("Currency")),
    FieldInfo("total", _("Total including VAT"), FieldType.MONEY),
)


class OrderStatuses(ErpSource):
    """Sales orders by `type/number`, as the targets name them."""

    kind: ClassVar[str] = "order_status"
    title: ClassVar[Text] = _("Status of sales orders")
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = ORDER_STATUS_FIELDS

    @property
    def is_v2(self) -> bool:
        return self.erp.settings.get("order_api") == "v2"

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start=ORDERS, size=self.page_size)
        rows, following = self._shipment_rows(window, place) if place.part == SHIPMENTS else self._rows(window, place)
        if following is None and place.part == ORDERS and window.since is not None:
            following = Place(SHIPMENTS, size=self.page_size)
        records = [record for row in rows if _is_before(record := self._record({"order": row}), window)]
        times = [record.modified_at for record in records if record.modified_at]
        return Page(tuple(records), following.to_json() if following else None, max(times, default=None))

    def counts(self, window: Window) -> Iterator[int]:
        found = self.count(window)
        yield found.count if found else 0

    def count(self, window: Window) -> Found | None:
        if self.is_v2:
            return None
        body = self._v3_page(window, Place(ORDERS, size=1))
        return Found(int(body.get("totalCount") or len(body["value"])))

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read orders by their keys; what was sent as something else than an order is none of them."""
        stubs = [self._record({"order": _stub(key)}) for key in keys if "/" in key]
        others = [Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM}) for key in keys if "/" not in key]
        return [*self.complete([stub for stub in stubs if isinstance(stub, SourceRecord)]), *others]

    def complete(self, records: Sequence[SourceRecord]) -> list[ReadRecord]:
        read = self.api.settle(self._completed, records)
        return [self._answered(record, found) for record, found in zip(records, read, strict=True)]

    def parse(self, raw: JSONDict) -> SourceRecord:
        return read_order_status(raw, self.erp.zone)

    def fields(self) -> list[FieldInfo]:
        return list(ORDER_STATUS_FIELDS)

    def _rows(self, window: Window, place: Place) -> tuple[list[JSONDict], Place | None]:
        if self.is_v2:
            query = {"showNotes": "false", **(self.erp.since(window.since) if window.since else {})}
            rows = self.erp.page(V2_PATH, query, number=place.number, size=place.size, stubs=ORDER_STUBS)
            if window.since:
                self.erp.ensure_filtered(rows, window.since)
            return [_lean(row) for row in rows], place.after(rows)
        rows, last = self._v3_rows(window, place)
        seen = (place.number - 1) * place.size + len(rows)
        is_end = not rows or (seen >= (last.get("totalCount") or 0) and not last.get("nextPage"))
        following = None if is_end else Place(ORDERS, place.number + 1, place.size)
        return rows, following

    def _v3_rows(self, window: Window, place: Place) -> tuple[list[JSONDict], JSONDict]:
        """Return the orders of a page, and the last answer it took: a page that cannot be taken in at once is read in
        smaller ones, and an order that still cannot be comes with its number and "errorInfo"."""
        last: JSONDict = {"nextPage": True}  # what could not be read may be followed by others

        def read(number: int, size: int) -> list[JSONDict]:
            nonlocal last
            last = self._v3_page(window, Place(ORDERS, number, size))
            return list(last["value"])

        def instead(number: int, error: RemoteUnavailable) -> JSONDict:
            try:
                return read(number, 1)[0]  # once more: an answer may be spoilt on its way
            except RemoteUnavailable as again:
                found = first_fields(again.beginning, shape="{[{")
                if not is_bad_answer(again) or not all(order_keys(found)):
                    raise
                return {**found, "errorInfo": too_large()}

        try:
            return read(place.number, place.size), last
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
        return read_in_parts(read, number=place.number, size=place.size, instead=instead), last

    def _v3_page(self, window: Window, place: Place) -> JSONDict:
        """In the order of creation: an order that changes during the read pushes others on, never out."""
        query = {"pageSize": place.size, "pageIndex": place.number - 1, "orderBy": "created"}
        if window.since:
            query["modifiedSince"] = utc_text(window.since)
        body = self.api.call("GET", V3_PATH, host="order", query=query).body
        if not isinstance(body, dict) or not isinstance(body.get("value"), list):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail="an order list without rows")
        return body

    def _shipment_rows(self, window: Window, place: Place) -> tuple[list[JSONDict], Place | None]:
        """Return the orders of shipments that changed, by their keys: a tracking number is often written later."""
        assert window.since is not None
        query = self.erp.since(window.since)
        rows = self.erp.page(SHIPMENT_PATH, query, number=place.number, size=place.size, stubs=SHIPMENT_STUBS)
        self.erp.ensure_filtered(rows, window.since)
        orders = {
            (order_type, number): {"type": order_type, "orderId": number, "lastModified": row["lastModifiedDateTime"]}
            for row in rows
            for line in read_rows(row.get("shipmentOrderLines"))
            if (order_type := read_text(line.get("orderType"))) and (number := read_text(line.get("orderNbr")))
        }
        unread = [{**row, "type": "shipment", "orderId": row["shipmentNumber"]} for row in rows if row.get("errorInfo")]
        return [*orders.values(), *unread], place.after(rows)

    def _record(self, raw: JSONDict) -> ReadRecord:
        try:
            return self.parse(raw)
        except RecordError as error:
            key = "/".join(order_keys(raw["order"]))
            return Unreadable(key, key, error, raw)

    def _probe(self) -> None:
        self._rows(Window(), Place(ORDERS, size=1))

    def _answered(self, record: SourceRecord, found: JSONDict | ApicenterError) -> ReadRecord:
        if is_bad_answer(found):
            found = self.once_more(partial(self._completed, record), self._probe)
        if isinstance(found, PermissionMissing):
            found = self.erp.of_record(found)
        if isinstance(found, NotFound):
            return Omitted(record.key, record.natural_key, "skip.deleted", record.raw, {"system": SYSTEM})
        if isinstance(found, RecordError):
            return Unreadable(record.key, record.natural_key, found, record.raw, record.modified_at)
        if isinstance(found, ApicenterError):
            raise found
        read = self._record({**record.raw, **found})
        return replace(read, modified_at=record.modified_at or read.modified_at)  # as it was listed, so as it is known

    def _completed(self, record: SourceRecord) -> JSONDict:
        order = record.raw["order"]
        if order.get("status") is None:
            order = {**self._order(record.key), "lastModified": order.get("lastModified")}
        status = read_order_status({"order": order}).core.status  # type: ignore[attr-defined]
        rows = [] if status in UNTOUCHED else self._shipments_of(record.key, order)
        return {
            "order": order,
            "shipments": [shipment for number in shipment_numbers(rows) if (shipment := self._shipment(number))],
            "invoices": [invoice for number in invoice_numbers(rows) if (invoice := self._invoice(number))],
        }

    def _order(self, key: str) -> JSONDict:
        keys = "/".join(path_key(part) for part in key.split("/", 1))
        if self.is_v2:
            return _lean(self.erp.get(f"/v1/salesorder/{keys}"))
        body = self.api.call("GET", f"{V3_PATH}/{keys}", host="order", query={"expand": "Customer"}).body
        return {name: value for name, value in body.items() if name != "orderLines"}

    def _shipments_of(self, key: str, order: JSONDict) -> list[JSONDict]:
        if self.is_v2:
            return read_rows(order.get("shipments"))
        keys = "/".join(path_key(part) for part in key.split("/", 1))
        return read_rows(self.api.call("GET", f"{V3_PATH}/{keys}/shipment", host="order").body)

    def _shipment(self, number: str) -> JSONDict | None:
        try:
            row = self.erp.get(f"{SHIPMENT_PATH}/{path_key(number)}")
        except NotFound:
            return {"shipmentNumber": number}
        kept = ("shipmentNumber", "shipmentDate", "status", "shipVia", "shipmentPackageLines", "lastModifiedDateTime")
        return {name: row.get(name) for name in kept}

    def _invoice(self, number: str) -> JSONDict | None:
        try:
            row = self.erp.get(f"{INVOICE_PATH}/{path_key(number)}")
        except NotFound:
            return {"referenceNumber": number}
        return {name: row.get(name) for name in ("referenceNumber", "status", "balance", "documentDate")}


def _stub(key: str) -> JSONDict:
    order_type, _slash, number = key.partition("/")
    return {"type": order_type, "orderId": number}


def _lean(row: JSONDict) -> JSONDict:
    return {name: value for name, value in row.items() if name not in ("lines", "metadata")}


def _is_before(record: ReadRecord, window: Window) -> bool:
    return window.until is None or record.modified_at is None or record.modified_at < window.until
