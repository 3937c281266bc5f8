"""What the mapping pages call things: origins, functions, values, what was looked up beforehand, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from connectors.maps import FieldMap, Step, When
from dashboard.mapping.look_up_words import argument_title
from flows.maps.paths import MISSING, is_empty
from flows.maps.sources import PARENT, RAW, RESOLVED
from flows.transforms import TRANSFORMS, Transform

LONGEST_VALUE = 160
LONGEST_TRACE = 600
MOST_PARTS = 3

RESOLVED_TITLES: dict[str, Promise] = {
    "customer_id": gettext_lazy("The customer's number there"),
    "reference": gettext_lazy("Our reference"),
    "order_type": gettext_lazy("Order type, from the settings"),
    "branch": gettext_lazy("Branch, from the settings"),
    "warehouse": gettext_lazy("Warehouse, from the settings"),
    "hold": gettext_lazy("On hold, from the settings"),
    "status_text": gettext_lazy("Status of the order in words"),
    "tracking_link": gettext_lazy("Tracking link, with the address from the settings"),
    "item": gettext_lazy("The item's number there"),
    "discount_percent": gettext_lazy("Discount with that of the whole order"),
    "discount_amount": gettext_lazy("Discount as an amount, with that of the whole order"),
    "vat_zone": gettext_lazy("VAT zone of the customer, from the settings"),
    "note": gettext_lazy("Note with the fixed text"),
    "exchange_rate": gettext_lazy("Exchange rate, from the settings"),
    "keys.warehouse": gettext_lazy("Warehouse, from the settings"),
    "keys.ship_via": gettext_lazy("Shipping method, from the settings"),
    "keys.shipping_terms": gettext_lazy("Shipping terms, from the settings"),
    "keys.payment_method": gettext_lazy("Payment method, from the settings"),
    "keys.account": gettext_lazy("Sales account, from the settings"),
    "keys.subaccount": gettext_lazy("Subaccount, from the settings"),
    "keys.sales_person": gettext_lazy("Sales person, from the settings"),
    "keys.project": gettext_lazy("Project, from the settings"),
    "keys.sales_account": gettext_lazy("Sales account, from the settings"),
    "keys.customer_class": gettext_lazy("Customer class, from the settings"),
    "keys.customer_price_class": gettext_lazy("Price class, from the settings"),
    "cash_account": gettext_lazy("Cash account, from the settings"),
    "payment_method": gettext_lazy("Payment method, from the settings"),
    "location_id": gettext_lazy("The customer's location there"),
    "buyer.name": gettext_lazy("Name of the buyer"),
    "buyer.email": gettext_lazy("E-mail of the buyer"),
    "document_number": gettext_lazy("Number of the document, from the settings"),
    "applies_to": gettext_lazy("Invoice that it credits"),
    "description": gettext_lazy("Number and customer"),
    "date": gettext_lazy("Date of the document"),
    "period": gettext_lazy("Financial period of that date"),
    "ledger": gettext_lazy("Ledger, from the settings"),
    "release": gettext_lazy("Release at once, from the settings"),
    "total": gettext_lazy("Total of the debits"),
    "vat_return": gettext_lazy("In the VAT return, from the settings"),
    "account": gettext_lazy("Ledger account, from the settings and value tables"),
    "subaccount": gettext_lazy("Subaccount, from the settings"),
    "debit": gettext_lazy("Debit"),
    "credit": gettext_lazy("Credit"),
    "text": gettext_lazy("Text of the line"),
    "vat_code": gettext_lazy("VAT rate of the line"),
    "vat_id": gettext_lazy("VAT ID of the line"),
}
# What the expressions come to that our own maps start with.
EXPRESSION_TITLES: dict[str, Promise] = {
    "resolved.hold && 'Hold' || `null`": gettext_lazy("On hold, from the settings"),
    "resolved.note || note": gettext_lazy("Note with the fixed text"),
    "title || number": gettext_lazy("Title, or else the number"),
    "contact_person && join(' ', [contact_person.first_name || '', contact_person.last_name])": gettext_lazy(
        "Name of the contact person"
    ),
    "addressee || line_1": gettext_lazy("Addressee, or else the street"),
    "category_name || category": gettext_lazy("Category by its name, or else its code"),
    "is_active && '1' || '0'": gettext_lazy("1 while it is active, or else 0"),
    "(!is_active && 'OnHold') || `null`": gettext_lazy("On hold once it is deactivated"),
}
FUNCTION_GROUPS: tuple[tuple[str, Promise], ...] = (
    ("cleaning", gettext_lazy("Clean up")),
    ("text", pgettext_lazy("kind of function", "Text")),
    ("markup", gettext_lazy("HTML and Markdown")),
    ("choice", gettext_lazy("Choose and replace")),
    ("numbers", gettext_lazy("Numbers")),
    ("prices", gettext_lazy("Prices")),
    ("dates", gettext_lazy("Dates")),
    ("codes", gettext_lazy("Codes")),
    ("address", gettext_lazy("Addresses and telephone")),
    ("lists", gettext_lazy("Lists")),
    ("look_up", gettext_lazy("The other system")),
)
CHOICES: dict[str, Promise] = {
    "street": gettext_lazy("the street"),
    "number": gettext_lazy("the house number"),
    "addition": gettext_lazy("what follows the number"),
    "equals": gettext_lazy("is"),
    "differs": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "starts_with": gettext_lazy("starts with"),
    "is_filled": gettext_lazy("is filled"),
    "is_empty": gettext_lazy("is empty"),
    "start": gettext_lazy("first day"),
    "end": gettext_lazy("last day"),
    "year": gettext_lazy("year"),
    "month": gettext_lazy("month"),
    "day": gettext_lazy("day"),
    "week": gettext_lazy("week"),
    "weekday": gettext_lazy("weekday"),
    "quarter": gettext_lazy("quarter"),
    "half_up": gettext_lazy("a half goes up"),
    "half_even": gettext_lazy("a half goes to the even digit"),
    "up": gettext_lazy("always up"),
    "down": gettext_lazy("always down"),
    "zero": gettext_lazy("cut off"),
    "left": gettext_lazy("in front"),
    "right": gettext_lazy("behind"),
}


def value_words(value: Any, *, labels: Mapping[str, str] | None = None, longest: int = LONGEST_VALUE) -> str:
    """Return a value as a person reads it; nothing is a dash."""
    if value is MISSING or value is None or value == "":
        return "–"
    text = _one(value, labels or {})
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _one(value: Any, labels: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_one(inner, labels)}" for name, inner in value.items() if not is_empty(inner))
    if isinstance(value, list | tuple):
        return _list_words(value, labels)
    return labels.get(str(value), str(value))


def _list_words(value: list[Any] | tuple[Any, ...], labels: Mapping[str, str]) -> str:
    if any(isinstance(one, Mapping) for one in value):
        return ngettext("%(count)s line", "%(count)s lines", len(value)) % {"count": len(value)}
    shown = ", ".join(_one(one, labels) for one in value[:MOST_PARTS] if one is not None)
    return f"{shown}, …" if len(value) > MOST_PARTS else shown


def function_title(name: str) -> str:
    known = TRANSFORMS.get(name)
    return known.title if known else name.replace("_", " ")


def step_words(step: Step) -> str:
    """Return a function with its arguments, short enough for a chip."""
    known = TRANSFORMS.get(step.fn)
    if known is None:
        return step.fn.replace("_", " ")
    given = [
        _argument_words(step.args[one.name], function=step.fn, name=one.name)
        for one in known.parameters
        if one.name in step.args
    ]
    shown = ", ".join(one for one in given if one)
    return _("%(function)s: %(values)s") % {"function": known.title, "values": shown} if shown else known.title


def _argument_words(value: Any, *, function: str, name: str) -> str:
    if isinstance(value, str) and (title := argument_title(function, name, value)) != value:
        return title
    if isinstance(value, str) and value in CHOICES:
        return str(CHOICES[value])
    if isinstance(value, str):
        return value if value.strip() == value and value else f"“{value}”"
    return value_words(value, longest=40)


def grouped_functions() -> list[tuple[str, list[Transform]]]:
    """Return all functions under the headings of the picker, each group in the order of its titles."""
    by_module: dict[str, list[Transform]] = {}
    for one in TRANSFORMS.values():
        by_module.setdefault(one.function.__module__.rpartition(".")[2], []).append(one)
    return [
        (str(title), sorted(by_module[module], key=lambda each: each.title.casefold()))
        for module, title in FUNCTION_GROUPS
        if module in by_module
    ]


def example_words(one: Transform) -> str:
    """Return what a function makes of one value: “42 (Length: 5, Fill with: 0) → 00042”."""
    value, result = (_example_value(each) for each in (one.example.value, one.example.result))
    given = ", ".join(
        _("%(argument)s: %(value)s")
        % {
            "argument": each.title,
            "value": _argument_words(one.example.args[each.name], function=one.name, name=each.name),
        }
        for each in one.parameters
        if each.name in one.example.args
    )
    return f"{value} ({given}) → {result}" if given else f"{value} → {result}"


def _example_value(value: Any) -> str:
    if isinstance(value, str) and (value == "" or value != value.strip()):
        return f"“{value}”"
    return _("no value") if value is None else value_words(value, longest=60)


def origin_of(field: FieldMap) -> str:
    """Return which of the three a field is made from: field, constant or expression."""
    if field.expression:
        return "expression"
    return "constant" if field.constant is not None else "field"


def expression_title(text: str) -> str:
    """Return what an expression comes to, where it is one of ours."""
    return str(EXPRESSION_TITLES.get(text) or _("Expression of your own"))


def source_path_title(path: str) -> str:
    """Return words for a path that no list of fields names."""
    plain = path.removeprefix(PARENT)
    if plain.startswith(RESOLVED):
        name = plain.removeprefix(RESOLVED)
        return str(RESOLVED_TITLES.get(name, name.replace("_", " ").capitalize()))
    words = plain.removeprefix(RAW).rpartition(".")[2].replace("_", " ")
    return words[:1].upper() + words[1:] if words else path


def is_sent_on_create(when: When) -> bool:
    return when is not When.NEVER


def is_sent_on_update(when: When) -> bool:
    return when not in (When.NEVER, When.ON_CREATE)
