"""Written sheets as targets: a record is a row, an order as many as it has lines. A row is written once per reference,
so that doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound
from connectors.base import Existing, FieldInfo, Sent, Target, Written
from connectors.core import JSONDict
from connectors.files import Column, Kept, Side, Store
from connectors.maps import ResourceMap
from connectors.revising import Comparing, LineWork, Revision, Standing, StandingLine
from connectors.spreadsheet.columns import CUSTOMERS, KINDS, ORDERS, PRODUCTS
from connectors.spreadsheet.maps import CUSTOMER_MAP, ORDER_MAP, PRODUCT_MAP

SYSTEM = "Excel / CSV"
PAGE_SIZE = 500
NUMBERS = frozenset({"quantity", "unit_price", "discount"})
LINE_COLUMNS = frozenset({"sku", "text", "quantity", "unit", "unit_price", "discount", "vat"})


def _info(column: Column, *, prefix: str = "") -> FieldInfo:
    return FieldInfo(f"{prefix}{column.name}", column.title, is_required=column.is_required, hint=column.hint)


class SheetTarget(Target):
    """Rows of the sheet that flows write. The id is that of the row."""

    can_delete = can_list = knows_items = True
    tables = frozenset({"vat"})  # other codes are written as they are
    sheet: ClassVar[str]  # the kind of sheet
    key_column: ClassVar[str]

    @property
    def store(self) -> Store:
        assert self.connector.store is not None
        return self.connector.store

    @classmethod
    def takes(cls, path: str) -> bool:
        return path in {column.name for column in KINDS[cls.sheet].columns}

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        key = str(payload.get(self.key_column) or reference).strip()[:200]
        return self._written(self.store.put(self.sheet, key, payload, reference=reference), payload)

    def update(self, target_id: str, payload: JSONDict) -> Written:
        kept = self._get(target_id)
        content = {**kept.content, **payload}
        key = str(content.get(self.key_column) or kept.key).strip()[:200]
        changed = self.store.change(self.sheet, target_id, content, key=key)
        if changed is None:
            raise NotFound(system=SYSTEM, what=target_id)
        return self._written(changed, payload)

    def delete(self, target_id: str) -> None:
        self.store.remove(self.sheet, target_id)

    def read(self, target_id: str) -> JSONDict:
        return self._get(target_id).content

    def index_page(self, position: Any | None) -> tuple[list[Existing], Any | None]:
        batch = self.store.batch(self.sheet, Side.WRITTEN, position, size=PAGE_SIZE)
        return [_existing(row) for row in batch.rows], batch.position

    def find(self, by: str, value: str) -> list[Existing]:
        if by not in self.finders:
            return super().find(by, value)
        return [_existing(row) for row in self.store.fetch(self.sheet, Side.WRITTEN, [value.strip()]).values()]

    def find_created(self, sent: Sent) -> list[Written]:
        kept = self.store.by_reference(self.sheet, sent.reference)
        return [self._written(kept, kept.content)] if kept else []

    def existing_keys(self, natural_keys: Iterable[str]) -> dict[str, str]:
        return {key: key for key in natural_keys}

    def fields(self) -> list[FieldInfo]:
        return list(self.standard_fields)

    def _get(self, target_id: str) -> Kept:
        kept = self.store.get(self.sheet, target_id)
        if kept is None:
            raise NotFound(system=SYSTEM, what=target_id)
        return kept

    def _written(self, kept: Kept, payload: JSONDict) -> Written:
        return Written(id=kept.id, number=kept.key, sent=payload)


def _existing(row: Kept) -> Existing:
    return Existing(row.id, row.key, str(row.content.get("name") or ""))


class ProductRows(SheetTarget):
    kind = "products"
    title = _("Products")
    sheet = PRODUCTS.key
    key_column = natural_key = "sku"
    finders = ("sku",)
    default_map: ClassVar[ResourceMap] = PRODUCT_MAP
    standard_fields = tuple(map(_info, PRODUCTS.columns))


class CustomerRows(SheetTarget):
    """Customers by the number they have in the source; a sheet knows no other customers than those flows wrote."""

    kind = "customers"
    title = _("Customers")
    sheet = CUSTOMERS.key
    natural_key = "name"
    key_column = "number"
    default_map: ClassVar[ResourceMap] = CUSTOMER_MAP
    standard_fields = tuple(map(_info, CUSTOMERS.columns))


class OrderRows(SheetTarget):
    """Orders by their number; a line may name any product, or none."""

    kind = "sales_orders"
    title = _("Orders")
    sheet = ORDERS.key
    key_column = natural_key = "number"
    can_update = False
    can_revise = True
    comparing: ClassVar[Comparing | None] = Comparing(
        lines="lines",
        item="sku",
        line=("sku", "text", "quantity", "unit", "unit_price", "discount", "vat"),
        head=tuple(column.name for column in ORDERS.columns if column.name not in {*LINE_COLUMNS, "number"}),
    )
    names_items = False
    default_map: ClassVar[ResourceMap] = ORDER_MAP
    standard_fields = (
        *(_info(column) for column in ORDERS.columns if column.name not in LINE_COLUMNS),
        *(_info(column, prefix="lines.") for column in ORDERS.columns if column.name in LINE_COLUMNS),
    )

    def standing(self, target_id: str) -> Standing:
        """What flows wrote nobody changes in between: the file that people download is another one."""
        kept = self.store.get(self.sheet, target_id)
        if kept is None:
            return Standing(target_id, "", may_change=False, may_cancel=False, is_gone=True)
        lines = [{name: _number(name, line[name]) for name in line} for line in kept.content.get("lines") or ()]
        return Standing(
            target_id,
            "",
            may_change=True,
            may_cancel=True,
            head={name: kept.content.get(name) for name in self.comparing.head} if self.comparing else {},
            lines=tuple(StandingLine(str(at), line) for at, line in enumerate(lines)),
        )

    def revise(self, standing: Standing, revision: Revision) -> Written:
        kept = self._get(standing.id)
        lines: dict[str, JSONDict] = {str(at): line for at, line in enumerate(kept.content.get("lines") or ())}
        for one in revision.lines:
            if one.work is LineWork.DELETE:
                lines.pop(one.id, None)
            elif one.work is LineWork.UPDATE:
                lines[one.id] = {**lines.get(one.id, {}), **one.values}
            else:
                lines[f"new-{len(lines)}"] = dict(one.values)
        return self.update(standing.id, {**revision.head, "lines": list(lines.values())})

    def cancel(self, standing: Standing) -> Written:
        self.delete(standing.id)
        return Written(standing.id, number=standing.id, sent={"method": "DELETE"}, note="order.deleted_there")


def _number(name: str, value: Any) -> Any:
    """Return a value as payloads hold it: numbers are kept as texts."""
    return Decimal(str(value)) if name in NUMBERS and value not in (None, "") else value
