"""Sales orders of v2 and v3, with their shipments and invoices, as how far they have come. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo

from connectors.base import SourceRecord
from connectors.core import JSONDict, OrderStatus, Shipment
from connectors.visma_net.read_values import ensure_read, read_decimal, read_id, read_rows, read_text, read_time


def read_order_status(raw: JSONDict, zone: tzinfo = UTC) -> SourceRecord:
    """Return the record of `{"order", "shipments", "invoices"}`; an order known by its key only has no status.

    Raises RecordError for a row with a read error.
    """
    order = raw["order"]
    ensure_read(order)
    order_type, number = order_keys(order)
    shipments = tuple(_shipment(row, zone) for row in read_rows(raw.get("shipments")))
    invoices = read_rows(raw.get("invoices"))
    status = OrderStatus(
        key=f"{order_type}/{number}",
        number=number,
        order_type=order_type,
        status=_status(order),
        customer_number=read_text(order.get("customerId"))
        or read_id(order.get("customer"))
        or read_id(order.get("customer"), "number"),
        description=read_text(order.get("description")),
        currency=read_text(order.get("currency")) or read_text(order.get("currencyId")),
        total=read_decimal(order.get("orderTotal")),
        shipped_on=min((one.shipped_on for one in shipments if one.shipped_on), default=None),
        shipments=shipments,
        tracking_number=_joined(number for one in shipments for number in one.tracking_numbers),
        invoice_number=_joined(text for row in invoices if (text := read_text(row.get("referenceNumber")))),
        invoice_status=_joined(text for row in invoices if (text := read_text(row.get("status")))),
    )
    moments = [_changed(order, zone), *(_changed(row, zone) for row in read_rows(raw.get("shipments")))]
    modified_at = max((moment for moment in moments if moment), default=None)
    return SourceRecord(status.key, number, status, raw, modified_at, status.description or "")


def order_keys(order: JSONDict) -> tuple[str, str]:
    """Return type and number of an order, as either version names them."""
    order_type = read_text(order.get("type")) or read_text(order.get("orderType")) or ""
    return order_type, read_text(order.get("orderId")) or read_text(order.get("orderNo")) or ""


def invoice_numbers(rows: Iterable[JSONDict]) -> list[str]:
    """Return the invoices that shipments of an order are on; some orders are invoiced without a shipment."""
    found = (read_text(row.get("invoiceId")) or read_text(row.get("invoiceNo")) for row in rows)
    return list(dict.fromkeys(number for number in found if number))


def shipment_numbers(rows: Iterable[JSONDict]) -> list[str]:
    found = (read_text(row.get("id")) or read_text(row.get("shipmentNo")) for row in rows)
    return list(dict.fromkeys(number for number in found if number))


def _status(order: JSONDict) -> str | None:
    """The list of v3 has a text, a single order an object; v2 has a text in both."""
    return read_id(order.get("status"), "description")


def _changed(row: JSONDict, zone: tzinfo) -> datetime | None:
    return read_time(row.get("lastModified") or row.get("lastModifiedDateTime"), zone)


def _shipment(row: JSONDict, zone: tzinfo) -> Shipment:
    tracking = (read_text(line.get("trackingNumber")) for line in read_rows(row.get("shipmentPackageLines")))
    return Shipment(
        number=read_text(row.get("shipmentNumber")) or "",
        shipped_on=read_day(row.get("shipmentDate")),
        carrier=read_id(row.get("shipVia")),
        tracking_numbers=tuple(dict.fromkeys(number for number in tracking if number)),
    )


def read_day(value: object) -> date | None:
    """Return the day of a document, which has no zone of its own."""
    text = read_text(value)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _joined(texts: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(texts)) or None
