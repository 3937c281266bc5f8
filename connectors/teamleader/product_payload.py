"""The body of products.add and products.update, and a product as read under the same paths. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.core import JSONDict
from connectors.teamleader.custom_fields import write_custom_fields
from connectors.teamleader.read_values import read_custom_fields, read_id

MONEY = ("selling_price", "purchase_price")
BY_DEPARTMENT = ("tax_rate_id", "product_category_id")
KEPT_FOR_GOOD = (*BY_DEPARTMENT, "price_list_prices")


def product_body(
    payload: JSONDict, *, definitions: Mapping[str, JSONDict], department_id: str = "", is_new: bool
) -> JSONDict:
    """Return the body for a payload: a new record leaves out what is empty, an update clears it.

    Raises MappingError for a custom field that cannot take its value.
    """
    body = {name: _value(name, value) for name, value in payload.items() if name != "custom_fields"}
    custom = write_custom_fields(payload.get("custom_fields") or {}, definitions)
    if is_new:
        body = {name: value for name, value in body.items() if value is not None}
        custom = [entry for entry in custom if entry["value"] is not None]
    # These cannot be taken away again: the API knows no empty value for them.
    body = {name: value for name, value in body.items() if value is not None or name not in KEPT_FOR_GOOD}
    if custom:
        body["custom_fields"] = custom
        if not is_new:
            body["custom_fields_update_strategy"] = "partial"  # otherwise all others are emptied
    if department_id and any(name in body for name in BY_DEPARTMENT):
        body.setdefault("department_id", department_id)
    return body


def complete_money(body: JSONDict, present: JSONDict, *, currency: str) -> JSONDict:
    """Return the body with the other half of each price from what stands there now, or the account's currency."""
    whole = dict(body)
    for name in incomplete_money(body):
        kept = {part: value for part, value in (present.get(name) or {}).items() if value is not None}
        price = {"currency": currency, **kept, **body[name]}
        whole[name] = price if "amount" in price else None
    return whole


def incomplete_money(body: JSONDict) -> list[str]:
    """Return the prices of which only the amount or only the currency is given: the API takes both or nothing."""
    return [name for name in MONEY if body.get(name) and not {"amount", "currency"} <= body[name].keys()]


def flatten_product(product: JSONDict) -> JSONDict:
    """Return a product as read, in the form of a payload."""
    return {
        "code": product.get("code"),
        "name": product.get("name"),
        "description": product.get("description"),
        "selling_price": _money(product.get("selling_price")),
        "purchase_price": _money(product.get("purchase_price")),
        "tax_rate_id": read_id(product.get("tax")),
        "unit_of_measure_id": read_id(product.get("unit")),
        "product_category_id": read_id(product.get("product_category")),
        "price_list_prices": [
            {"price_list_id": read_id(row.get("price_list")), "price": _money(row.get("price"))}
            for row in product.get("price_list_prices") or ()
        ],
        "stock": {"amount": (product.get("stock") or {}).get("amount")},
        "custom_fields": read_custom_fields(product.get("custom_fields")),
    }


def _value(name: str, value: Any) -> Any:
    if name in MONEY:
        return _price(value)
    return None if value == "" else value


def _price(value: Any) -> JSONDict | None:
    given = {key: part for key, part in (value or {}).items() if part not in (None, "")}
    if "amount" not in given and (not value or "amount" in value):
        return None
    return given or None


def _money(raw: JSONDict | None) -> JSONDict:
    return {"amount": raw.get("amount"), "currency": raw.get("currency")} if raw else {"amount": None, "currency": None}
