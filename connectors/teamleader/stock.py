"""Stock of products that exist: products.update with nothing but the amount."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import FlowError
from connectors.base import FieldInfo, Sent, Written
from connectors.core import JSONDict
from connectors.maps import FieldMap, ResourceMap
from connectors.teamleader.fields import STOCK_TARGET
from connectors.teamleader.products import ProductTarget
from connectors.teamleader.read_values import SYSTEM

STOCK_MAP = ResourceMap(fields=(FieldMap(target="stock.amount", source="quantity", required=True),))


class StockTarget(ProductTarget):
    """The stock of a product, found by its code. It makes no products."""

    kind = "stock"
    title = _("Stock levels")
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = (STOCK_TARGET,)
    default_map = STOCK_MAP
    can_create = can_delete = is_referenced = False

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        raise NotImplementedError("Stock is written to products that exist.")

    def delete(self, target_id: str) -> None:
        raise NotImplementedError("The stock of a product goes with the product.")

    def find_created(self, sent: Sent) -> list[Written]:
        raise NotImplementedError("Stock is never made.")

    def update(self, target_id: str, payload: JSONDict) -> Written:
        """Raises FlowError "stock.off" for an account without stock management: it would show no amount."""
        if code := self.lacks():
            raise FlowError(code, system=SYSTEM)
        return super().update(target_id, payload)

    def lacks(self) -> str:
        return "" if self._has_stock else "stock.off"

    def read(self, target_id: str) -> JSONDict:
        return {"stock": super().read(target_id)["stock"]}

    def fields(self) -> list[FieldInfo]:
        return [STOCK_TARGET]

    @cached_property
    def _has_stock(self) -> bool:
        """Accounts without the feature do not show the field (products.list in the contract)."""
        rows = self.focus.rows("products", size=1)
        return not rows or "stock" in rows[0]
