"""Stored rows as core records: products, customers, and orders of one or more lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from connectors.core import (
    Address,
    Customer,
    CustomerKind,
    JSONDict,
    Money,
    Order,
    OrderLine,
    Product,
    Totals,
    VatTotal,
)
from connectors.spreadsheet.columns import CUSTOMERS, ORDERS, PRODUCTS
from connectors.spreadsheet.read_cells import Cells, cells_of

CENT = Decimal("0.01")
ZONE = ZoneInfo("Europe/Brussels")
PERSONS = frozenset({"person", "private", "particulier", "personne", "persoon", "particuliere", "p", "b2c"})
BUYER_KEYS = ("customer_number", "number", "vat_number", "email", "customer", "name")


def read_product(raw: JSONDict, *, currency: str) -> Product:
    """Raises BadCell."""
    cells = cells_of(raw, PRODUCTS.columns)
    code, rate = cells.vat("vat")
    money = cells.currency(currency)
    price, cost = cells.number("price"), cells.number("cost")
    return Product(
        sku=cells.required("sku"),
        name=cells.required("name"),
        long_text=cells.text("long_text"),
        price=None if price is None else Money(amount=price, currency=money),
        cost=None if cost is None else Money(amount=cost, currency=money),
        vat_code=code,
        vat_rate=rate,
        unit=cells.text("unit"),
        category=cells.text("category"),
        category_name=cells.text("category"),
        sales_category=cells.text("category"),
        sales_category_name=cells.text("category"),
        ean=cells.text("ean"),
        is_sellable=cells.yes("is_sellable"),
        stock=cells.number("stock"),
    )


def read_customer(raw: JSONDict, *, key: str) -> Customer:
    """Raises BadCell."""
    cells = cells_of(raw, CUSTOMERS.columns)
    return _customer(cells, key=key, name=cells.required("name"))


def _customer(cells: Cells, *, key: str, name: str) -> Customer:
    first_name, vat_number = cells.text("first_name"), cells.text("vat_number")
    said = (cells.text("kind") or "").casefold()
    is_person = said in PERSONS or (not said and first_name is not None and vat_number is None)
    days = cells.number("payment_days")
    address = _address(cells)
    return Customer(
        key=key,
        kind=CustomerKind.PERSON if is_person else CustomerKind.COMPANY,
        name=f"{first_name} {name}" if is_person and first_name and first_name not in name else name,
        first_name=first_name,
        last_name=name if is_person else None,
        vat_number=vat_number,
        registration_number=cells.text("registration_number"),
        email=cells.text("email"),
        phone=cells.text("phone"),
        website=cells.text("website"),
        language=cells.text("language"),
        currency=cells.text("currency"),
        payment_term=None if days is None else f"after_invoice_date:{int(days)}" if days else "cash",
        primary_address=address,
        is_active=cells.yes("is_active"),
        note=cells.text("note"),
    )


def _address(cells: Cells) -> Address | None:
    found = Address(
        line_1=cells.text("street"),
        postal_code=cells.text("postal_code"),
        city=cells.text("city"),
        country=cells.country("country"),
    )
    return found if any(value for _name, value in found) else None


def read_order(raw: JSONDict, *, key: str, currency: str) -> Order:
    """Read an order from its lines; what concerns the whole order stands in the first of them. Raises BadCell."""
    rows = [cells_of({**row, "decimal": raw.get("decimal", ".")}, ORDERS.columns) for row in raw["lines"]]
    head = rows[0]
    day = head.day("date")
    money = head.currency(currency)
    lines = tuple(_line(row, position) for position, row in enumerate(rows, 1))
    customer = read_buyer(raw)
    return Order(
        key=key,
        number=head.required("number"),
        title=head.text("title"),
        currency=money,
        customer=customer,
        purchase_order_number=head.text("your_reference"),
        note=head.text("note"),
        lines=lines,
        totals=_totals(lines),
        order_date=day,
        ordered_at=datetime.combine(day, time(12), ZONE) if day else None,
    )


def read_buyer(raw: JSONDict) -> Customer | None:
    """Return the customer whom an order's first line names, or None. Raises BadCell."""
    row = {**raw["lines"][0], "decimal": raw.get("decimal", ".")}
    cells = cells_of(row, ORDERS.columns)
    key = buyer_key(row["cells"])
    if not key:
        return None
    return _customer(cells, key=key, name=cells.text("customer") or key)


def buyer_key(cells: Mapping[str, str], names: Sequence[str] = BUYER_KEYS[:1] + BUYER_KEYS[2:5]) -> str:
    """Return what tells the customer of a row from others: the first of these that is filled in."""
    return next((value for name in names if (value := cells.get(name, "").strip())), "")


def _line(cells: Cells, position: int) -> OrderLine:
    code, rate = cells.vat("vat")
    quantity, price = cells.required_number("quantity"), cells.required_number("unit_price")
    discount = cells.number("discount") or Decimal(0)
    sku = cells.text("sku")
    total = quantity * price * (1 - discount / 100)
    return OrderLine(
        position=position,
        text=cells.text("text") or sku or "",
        product_key=sku,
        sku=sku,
        quantity=quantity,
        unit=cells.text("unit"),
        unit_price=price,
        discount_percent=discount,
        vat_code=code,
        vat_rate=rate,
        total=total.quantize(CENT, ROUND_HALF_UP),
    )


def _totals(lines: Sequence[OrderLine]) -> Totals:
    taxable: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.vat_rate or Decimal(0)
        taxable[rate] = taxable.get(rate, Decimal(0)) + (line.total or Decimal(0))
    taxes = tuple(
        VatTotal(rate=rate, taxable=amount, tax=(amount * rate).quantize(CENT, ROUND_HALF_UP))
        for rate, amount in taxable.items()
    )
    excluding = sum(taxable.values(), Decimal(0))
    return Totals(excluding=excluding, including=excluding + sum((one.tax for one in taxes), Decimal(0)), taxes=taxes)
