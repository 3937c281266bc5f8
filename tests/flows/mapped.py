"""A record, mapped."""

from __future__ import annotations

from typing import Any

from connectors.maps import FieldMap, ResourceMap, ValueTableData, When
from flows.maps.mapping import build, compile_map

VAT = ValueTableData(name="vat", rows={"21": "rate-21", "0": None})


def made(record: Any, *fields: FieldMap, tables: dict[str, ValueTableData] | None = None, **options: Any) -> Any:
    return build(compile_map(ResourceMap(fields=fields)), record, tables=tables or {"vat": VAT}, **options)


LINES = ResourceMap(
    fields=(FieldMap(target="number", source="number"),),
    lists={
        "orderLines": (
            FieldMap(target="item", source="resolved.item"),
            FieldMap(target="qty", source="quantity"),
            FieldMap(target="vat", source="vat_code | order.customer.primary_address.country", table="vat"),
            FieldMap(target="ref", source="order.number", when=When.ON_CREATE),
            FieldMap(target="text", expression="join(' ', [order.currency, text])"),
        )
    },
)
