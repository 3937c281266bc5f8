"""How core records become rows, unless an organization says otherwise. Columns go by the names in columns.py."""

from __future__ import annotations

from connectors.maps import FieldMap, OnError, ResourceMap, Step

TRIM = (Step(fn="trim"),)


def _address(source: str) -> tuple[FieldMap, ...]:
    return (
        FieldMap(target="street", source=f"{source}.line_1"),
        FieldMap(target="postal_code", source=f"{source}.postal_code"),
        FieldMap(target="city", source=f"{source}.city"),
        FieldMap(target="country", source=f"{source}.country"),
    )


PRODUCT_MAP = ResourceMap(
    fields=(
        FieldMap(target="sku", source="sku", steps=TRIM, required=True),
        FieldMap(target="name", source="name", steps=TRIM, required=True),
        FieldMap(
            target="long_text", source="long_text", steps=(Step(fn="html_to_markdown"),), on_error=OnError.EMPTY
        ),
        FieldMap(target="price", source="price.amount"),
        FieldMap(target="currency", source="price.currency"),
        FieldMap(target="vat", source="vat_code", table="vat"),
        FieldMap(target="unit", source="unit"),
        FieldMap(target="category", expression="category_name || category"),
        FieldMap(target="ean", source="ean"),
    )
)  # fmt: skip
CUSTOMER_MAP = ResourceMap(
    fields=(
        FieldMap(target="number", source="key", required=True),
        FieldMap(target="name", source="name", steps=TRIM, required=True),
        FieldMap(target="first_name", source="first_name"),
        FieldMap(target="kind", source="kind"),
        FieldMap(target="vat_number", source="vat_number"),
        FieldMap(target="registration_number", source="registration_number"),
        FieldMap(target="email", source="email"),
        FieldMap(target="phone", source="phone"),
        FieldMap(target="website", source="website"),
        *_address("primary_address"),
        FieldMap(target="currency", source="currency"),
        FieldMap(target="language", source="language"),
        FieldMap(target="note", source="note"),
        FieldMap(target="is_active", expression="is_active && '1' || '0'"),
    )
)
ORDER_MAP = ResourceMap(
    fields=(
        FieldMap(target="number", source="number", required=True),
        FieldMap(target="date", source="order_date"),
        FieldMap(target="title", source="title"),
        FieldMap(target="your_reference", source="purchase_order_number"),
        FieldMap(target="customer_number", source="customer.key"),
        FieldMap(target="customer", source="customer.name"),
        FieldMap(target="vat_number", source="customer.vat_number"),
        FieldMap(target="email", source="customer.email"),
        *_address("customer.primary_address"),
        FieldMap(target="currency", source="currency"),
        FieldMap(target="note", source="note"),
    ),
    lists={
        "lines": (
            FieldMap(target="sku", source="sku"),
            FieldMap(target="text", source="text"),
            FieldMap(target="quantity", source="quantity", required=True),
            FieldMap(target="unit", source="unit"),
            FieldMap(target="unit_price", source="unit_price", required=True),
            FieldMap(target="discount", source="resolved.discount_percent"),
            FieldMap(target="vat", source="vat_code", table="vat"),
        )
    },
)
