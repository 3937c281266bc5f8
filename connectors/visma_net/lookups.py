"""The reference lists of a company, for value tables and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apicenter.errors import PermissionMissing, RemoteUnavailable
from connectors.base import Option
from connectors.core import JSONDict
from connectors.visma_net.api import Erp
from connectors.visma_net.items import COLLAPSE, LIST_PATH
from connectors.visma_net.read_product import SELLABLE
from connectors.visma_net.read_values import SYSTEM, read_id, read_rate, read_rows, read_text
from connectors.visma_net.subaccounts import ACTIVE as ACTIVE_ONES
from connectors.visma_net.subaccounts import PATH as SUBACCOUNTS

ITEM_TYPES = {
    "FinishedGoodItem": _("finished goods"),
    "NonStockItem": _("non-stock items"),
    "ServiceItem": _("services"),
    "ComponentPartItem": _("component parts"),
    "SubassemblyItem": _("subassemblies"),
    "LaborItem": _("labour"),
    "ChargeItem": _("charges"),
    "ExpenseItem": _("expenses"),
}
SERVICES = ("NonStockItem", "ServiceItem")
ACTIVE = "Active"
List = Callable[[Erp], list[Option]]


def vat_categories(erp: Erp) -> list[Option]:
    """VAT categories with their rate. A category may hold a VAT per zone: it has one rate only if all agree."""
    rows = (row for row in erp.rows("/v1/vatCategory") if row.get("active") is not False)
    return _options(rows, "vatCategoryId", rate=_category_rate)


def _category_rate(row: JSONDict) -> Decimal | None:
    rates = {rate for line in read_rows(row.get("vatCategoryLines")) if (rate := _present_rate(line)) is not None}
    return rates.pop() if len(rates) == 1 else None


def _present_rate(line: JSONDict) -> Decimal | None:
    dated = sorted(read_rows(line.get("vatRates")), key=lambda rate: str(rate.get("startDate") or ""))
    return read_rate(dated[-1].get("vatRate")) if dated else None


def vat_zones(erp: Erp) -> list[Option]:
    return _options(_paged(erp, "/v1/vatZone"), "id", extra={"vat_category": "defaultVatCategory"})


def credit_terms(erp: Erp) -> list[Option]:
    extra = {"due": "dueDateType", "days": "dueDay1"}
    return _options(_records(erp, "/v1/creditTerm"), "termsId", extra=extra)


def payment_methods(erp: Erp) -> list[Option]:
    rows = (row for row in erp.rows("/v1/paymentmethod") if row.get("active") is not False)
    return _options(rows, "paymentMethodID")


def branches(erp: Erp) -> list[Option]:
    rows = [row for row in erp.rows("/v1/branch", {"expandCurrency": "false"}) if row.get("isActive") is not False]
    return [
        Option(value=code, label=_label(code, row.get("name")), is_default=row.get("isMainBranch") is True)
        for row in rows
        if (code := read_text(row.get("number")))
    ]


def warehouses(erp: Erp) -> list[Option]:
    rows = (row for row in _paged(erp, "/v1/warehouse") if row.get("active") is not False)
    return _options(rows, "warehouseID")


def item_classes(erp: Erp) -> list[Option]:
    return _options(_paged(erp, "/v1/inventory/itemClass"), "id", extra={"type": "type"})


def customer_classes(erp: Erp) -> list[Option]:
    return _options(erp.rows("/v1/customer/customerClass"), "id", extra={"vat_zone": "taxZoneId"})


def units(erp: Erp) -> list[Option]:
    """Units of measure: the list holds conversions, so a unit may stand on either side and more than once."""
    rows = erp.rows("/v1/unitofmeasure")
    codes = {code for row in rows for name in ("fromUnit", "toUnit") if (code := read_text(row.get(name)))}
    return [Option(value=code, label=code) for code in sorted(codes)]


def sales_order_types(erp: Erp) -> list[Option]:
    rows = (row for row in _paged(erp, "/v1/salesordertype") if row.get("active") is not False)
    return _options(rows, "orderType", extra={"behavior": "behavior"})


def number_sequences(erp: Erp) -> list[Option]:
    return _options(erp.rows("/v1/numberSequence"), "numberingId", extra={"manual": "manualNumbering"})


def sales_categories(erp: Erp) -> list[Option]:
    """Sales categories with their path, as the tree is shown."""
    return list(_tree(erp.rows("/v1/salescategory"), ()))


def _tree(rows: list[JSONDict], above: tuple[str, ...]) -> Iterator[Option]:
    for row in rows:
        path = (*above, read_text(row.get("description")) or "?")
        if code := read_text(row.get("categoryID")):
            yield Option(value=code, label=" / ".join(path), group=path[0])
        yield from _tree(read_rows(row.get("subCategories")), path)


def accounts(erp: Erp) -> list[Option]:
    rows = (row for row in erp.rows("/v1/account", {"active": "true"}) if row.get("active") is not False)
    return _options(rows, "accountCD", extra={"type": "type"})


def cash_accounts(erp: Erp) -> list[Option]:
    return _options(erp.rows("/v1/cashaccount"), "number", extra={"currency": "currency"})


def ledgers(erp: Erp) -> list[Option]:
    return _options(erp.rows("/v1/ledger"), "number")


def vat_ids(erp: Erp) -> list[Option]:
    """The VAT IDs that VAT is reported under; a category stands for one of them per VAT zone."""
    return _options(erp.rows("/v1/vat"), "vatId", rate=_vat_rate)


def _vat_rate(row: JSONDict) -> Decimal | None:
    dated = sorted(read_rows(row.get("schedules")), key=lambda rate: str(rate.get("startDate") or ""))
    return read_rate(dated[-1].get("vatRate")) if dated else None


def currencies(erp: Erp) -> list[Option]:
    return [
        Option(value=code, label=_label(code, row.get("description")), is_default=row.get("isBaseCurrency") is True)
        for row in erp.rows("/v1/currency")
        if (code := read_text(row.get("id")))
    ]


def carriers(erp: Erp) -> list[Option]:
    """Ways of shipping; the shipping terms of an order have no list in the API."""
    rows = erp.rows("/v1/carrier")
    return [
        Option(value=code, label=_label(code, row.get("carrierDescription")))
        for row in rows
        if (code := read_text(row.get("carrierId")))
    ]


def sales_persons(erp: Erp) -> list[Option]:
    rows = _of_module(_records(erp, "/v1/salesperson"))
    return [
        Option(value=code, label=_label(code, row.get("name")))
        for row in rows
        if row.get("isActive") is not False and (code := read_text(row.get("salespersonID")))
    ]


def projects(erp: Erp) -> list[Option]:
    """Projects that documents can be booked on: neither planned, closed nor on hold, and no templates."""
    rows = _of_module(_paged(erp, "/v1/project", {"status": ACTIVE, "systemTemplate": "false"}))
    return _options(
        [row for row in rows if row.get("status") == ACTIVE and row.get("systemTemplate") is not True], "projectID"
    )


def subaccounts(erp: Erp) -> list[Option]:
    rows = (row for row in _paged(erp, SUBACCOUNTS, ACTIVE_ONES) if row.get("active") is not False)
    return _options(rows, "subaccountNumber")


def service_items(erp: Erp) -> list[Option]:
    """Items that are sold and not stocked: what lines of text, shipping costs, discounts or cents may travel under."""
    query = {**COLLAPSE, "inventoryTypes": list(SERVICES)}
    found: list[Option] = []
    for page in erp.pages(LIST_PATH, query, size=1000):
        rows = [row for row in page if row.get("type") in SERVICES]
        found += _options([row for row in rows if row.get("status") in SELLABLE], "inventoryNumber")
        if len(rows) < len(page):  # the filter was not obeyed: the whole inventory would come
            break
    return found


def _of_module(rows: Iterator[JSONDict]) -> list[JSONDict]:
    """Return the rows; none for a company that does not have the module, or does not show it to us."""
    try:
        return list(rows)
    except PermissionMissing:
        return []


def attributes(erp: Erp) -> list[Option]:
    return _options(_paged(erp, "/v1/attribute"), "attributeID", extra={"control": "controlType"})


def item_types(erp: Erp) -> list[Option]:
    """The types of items there are, by the contract (InventoryType); no call tells them."""
    return [Option(value=value, label=str(label)) for value, label in ITEM_TYPES.items()]


def price_classes(erp: Erp) -> list[Option]:
    """Customer price classes. No list names them: those that have a price are the ones there are."""
    codes: set[str] = set()
    for page in erp.pages("/v1/customerSalesPrice", {"priceType": "CustomerPriceClass"}, size=5000):
        rows = (row for row in page if row.get("priceType") == "CustomerPriceClass")
        codes |= {code for row in rows if (code := read_text(row.get("priceCode")))}
    return [Option(value=code, label=code) for code in sorted(codes)]


LISTS: dict[str, List] = {
    "item_types": item_types,
    "price_classes": price_classes,
    "vat_categories": vat_categories,
    "vat_zones": vat_zones,
    "credit_terms": credit_terms,
    "payment_methods": payment_methods,
    "branches": branches,
    "warehouses": warehouses,
    "item_classes": item_classes,
    "customer_classes": customer_classes,
    "units": units,
    "sales_order_types": sales_order_types,
    "number_sequences": number_sequences,
    "sales_categories": sales_categories,
    "accounts": accounts,
    "cash_accounts": cash_accounts,
    "ledgers": ledgers,
    "vat_ids": vat_ids,
    "currencies": currencies,
    "attributes": attributes,
    "carriers": carriers,
    "sales_persons": sales_persons,
    "projects": projects,
    "subaccounts": subaccounts,
    "service_items": service_items,
}


def _paged(erp: Erp, path: str, params: Mapping[str, Any] | None = None) -> Iterator[JSONDict]:
    for page in erp.pages(path, params):
        yield from page


def _records(erp: Erp, path: str, size: int = 500) -> Iterator[JSONDict]:
    """Yield the rows of the few lists that come in an envelope, `{pageNumber, pageSize, totalCount, records}`."""
    number, seen = 1, 0
    while True:
        body = erp.get(path, {"pageNumber": number, "pageSize": size})
        if not isinstance(body, dict) or not isinstance(body.get("records"), list):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{path}: no records")
        rows = read_rows(body["records"])
        yield from rows
        number, seen = number + 1, seen + len(rows)
        if not rows or seen >= (body.get("totalCount") or 0):
            return


def _options(
    rows: Iterator[JSONDict] | list[JSONDict],
    code: str,
    *,
    extra: dict[str, str] | None = None,
    rate: Callable[[JSONDict], Decimal | None] | None = None,
) -> list[Option]:
    return [
        Option(
            value=value,
            label=_label(value, row.get("description")),
            rate=rate(row) if rate else None,
            extra={name: text for name, field in (extra or {}).items() if (text := read_id(row.get(field)))},
        )
        for row in rows
        if (value := read_text(row.get(code)))
    ]


def _label(code: str, text: object) -> str:
    return f"{code} · {words}" if (words := read_text(text)) and words != code else code
