"""Reference lists of an account, as options of a value table or a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from connectors.base import Option
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi
from connectors.teamleader.custom_fields import choices, load_definitions
from connectors.teamleader.read_values import read_decimal, read_id, read_payment_term

CUSTOM_FIELDS = "custom_fields:"
CONTEXTS = ("product", "company", "contact", "deal", "invoice")


def list_options(focus: FocusApi, name: str, *, department_id: str = "") -> list[Option]:
    """Return a reference list. Raises KeyError for a name that is none of `LISTS`."""
    if name.startswith(CUSTOM_FIELDS):
        return _custom_fields(focus, name.removeprefix(CUSTOM_FIELDS))
    return LISTS[name](focus, department_id)


def tax_rates_by_id(focus: FocusApi) -> dict[str, JSONDict]:
    """Return every VAT rate of the account, as little of each as a document needs."""
    return {
        row["id"]: {
            "rate": read_decimal(row["rate"]),
            "description": row.get("description"),
            "department": read_id(row.get("department")),
        }
        for row in focus.all("taxRates")
    }


def default_department(focus: FocusApi) -> JSONDict | None:
    """Return the department that new documents get."""
    rows = focus.data("departments.list", {"sort": [{"field": "default_department"}]})
    active = [row for row in rows if row.get("status", "active") == "active"]
    return active[0] if active else None


def _tax_rates(focus: FocusApi, department_id: str) -> list[Option]:
    names = {row.value: row.label for row in _departments(focus, "")}
    rows = focus.all("taxRates", where={"department_id": department_id} if department_id else None)
    return [
        Option(
            value=row["id"],
            label=row.get("description") or f"{read_decimal(row['rate']) * 100:f} %",
            rate=read_decimal(row["rate"]),
            group=names.get(owner, owner),
            extra={"department_id": owner},
        )
        for row in rows
        if not department_id or (read_id(row.get("department")) or "") == department_id
        for owner in (read_id(row.get("department")) or "",)
    ]


def _payment_terms(focus: FocusApi, department_id: str) -> list[Option]:
    body = focus.post("paymentTerms.list").body
    default = (body.get("meta") or {}).get("default")
    return [
        Option(
            value=read_payment_term(row) or "",
            label=_term_label(row),
            is_default=row["id"] == default,
            extra={"id": row["id"]},
        )
        for row in body["data"]
    ]


def _term_label(row: JSONDict) -> str:
    days = int(row.get("days") or 0)
    if row["type"] == "cash":
        return _("Cash")
    if row["type"] == "end_of_month":
        return _("%(days)s days, end of month") % {"days": days}
    return _("%(days)s days after the invoice date") % {"days": days}


def _payment_methods(focus: FocusApi, department_id: str) -> list[Option]:
    return [_named(row) for row in focus.all("paymentMethods", where={"status": ["active"]})]


def _departments(focus: FocusApi, department_id: str) -> list[Option]:
    rows = focus.data("departments.list", {"filter": {"status": ["active"]}})
    return [Option(value=row["id"], label=row["name"], extra={"currency": row.get("currency") or ""}) for row in rows]


def _users(focus: FocusApi, department_id: str) -> list[Option]:
    rows = (row for row in focus.all("users") if row.get("status", "active") == "active")
    return [Option(value=row["id"], label=_full_name(row)) for row in rows]


def _full_name(row: JSONDict) -> str:
    names = (row.get("first_name"), row.get("last_name"))
    return " ".join(filter(None, names)) or row.get("email") or row["id"]


def _product_categories(focus: FocusApi, department_id: str) -> list[Option]:
    body = {"filter": {"department_id": department_id}} if department_id else {}
    return [
        Option(value=row["id"], label=row["name"], extra={"ledger_account": _ledger_account(row)})
        for row in focus.data("productCategories.list", body)
    ]


def _ledger_account(row: JSONDict) -> str:
    """Return the account that a category is booked on, if it is the same in every department."""
    numbers = {str(one.get("ledger_account_number") or "") for one in row.get("ledgers") or ()}
    return numbers.pop() if len(numbers) == 1 else ""


def _units_of_measure(focus: FocusApi, department_id: str) -> list[Option]:
    return [_named(row) for row in focus.data("unitsOfMeasure.list")]


def _price_lists(focus: FocusApi, department_id: str) -> list[Option]:
    return [_named(row) for row in focus.data("priceLists.list", {})]


def _deal_pipelines(focus: FocusApi, department_id: str) -> list[Option]:
    body = focus.post("dealPipelines.list", {"page": {"size": focus.page_size, "number": 1}}).body
    default = (body.get("meta") or {}).get("default")
    return [Option(value=row["id"], label=row["name"], is_default=row["id"] == default) for row in body["data"]]


def _deal_phases(focus: FocusApi, department_id: str) -> list[Option]:
    return [
        Option(value=row["id"], label=row["name"], group=pipeline.label, extra={"pipeline_id": pipeline.value})
        for pipeline in _deal_pipelines(focus, "")
        for row in focus.all("dealPhases", where={"deal_pipeline_id": pipeline.value})
    ]


def _custom_fields(focus: FocusApi, context: str) -> list[Option]:
    if context not in CONTEXTS:
        raise KeyError(f"{CUSTOM_FIELDS}{context}")
    return [
        Option(
            value=row["id"],
            label=row["label"],
            group=row.get("group") or "",
            extra={"type": row["type"], "options": "\n".join(choices(row))},
        )
        for row in load_definitions(focus, context).values()
    ]


def _named(row: JSONDict) -> Option:
    return Option(value=row["id"], label=row["name"])


LISTS: Mapping[str, Callable[[FocusApi, str], list[Option]]] = {
    "tax_rates": _tax_rates,
    "product_categories": _product_categories,
    "units_of_measure": _units_of_measure,
    "payment_terms": _payment_terms,
    "payment_methods": _payment_methods,
    "departments": _departments,
    "users": _users,
    "deal_phases": _deal_phases,
    "deal_pipelines": _deal_pipelines,
    "price_lists": _price_lists,
}
NAMES = (*LISTS, *(f"{CUSTOM_FIELDS}{context}" for context in CONTEXTS))
