"""Stock levels: what lies in the warehouses of an ERP is written to products of a CRM that exist there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apicenter.errors import RecordError
from connectors.base import Existing, SourceRecord
from connectors.core import StockLevel
from flows.catalog.base import FlowKind, FlowSettings, Given, Resolved
from flows.catalog.pairing import find_by_key
from flows.models import Binding, Flow
from flows.transforms.numbers import rounded

if TYPE_CHECKING:
    from flows.engine.work import Work

PRODUCTS = "products"
DECIMALS = 4


class StockCount(StrEnum):
    """What counts as stock."""

    AVAILABLE = "available"
    ON_HAND = "on_hand"


class StockSettings(FlowSettings):
    """Settings of a stock flow."""

    warehouses: tuple[str, ...] = ()  # empty = all
    stock_count: StockCount = StockCount.AVAILABLE
    negative_as_zero: bool = True


class StockFlow(FlowKind):
    """Only quantities that changed are written: the fingerprint of a pair holds the last one."""

    key = "stock"
    title = _("Stock")
    source_kind = "stock"
    resources = ("stock",)
    settings_model = StockSettings
    indexes_target = True
    rereads = True
    follows = PRODUCTS

    def creates(self, kind: str, settings: Any) -> bool:
        return False

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        """Add up the chosen warehouses, in the unit the product is sold in. Raises RecordError without such a unit."""
        level, settings = record.core, given.settings
        assert isinstance(level, StockLevel)
        if level.per_unit is None:
            raise RecordError("stock.unit_unknown", unit=level.unit or "–", base=level.base_unit or "–")
        quantity = counted(level, settings) / level.per_unit
        quantity = rounded(quantity, DECIMALS).normalize() + 0
        if settings.negative_as_zero:
            quantity = max(quantity, Decimal(0))
        return replace(record, core=level.model_copy(update={"quantity": quantity}))

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """The product is the one the products flow has paired; only where there is no such flow it is looked up."""
        paired = _paired_products(work, records)
        unknown = [record for record in records if record.key not in paired]
        others = iter(_missing(work, kind, unknown))
        return [
            Resolved(record, (Existing(paired[record.key], record.natural_key),))
            if record.key in paired
            else next(others)
            for record in records
        ]


def counted(level: StockLevel, settings: StockSettings) -> Decimal:
    """Return what lies in the chosen warehouses, in the base unit; in all of them where none is chosen."""
    chosen = set(settings.warehouses)
    rows = (row for row in level.warehouses if not chosen or row.warehouse in chosen)
    is_on_hand = settings.stock_count is StockCount.ON_HAND
    return sum((row.on_hand if is_on_hand else row.available for row in rows), Decimal(0))


def _paired_products(work: Work, records: Sequence[SourceRecord]) -> dict[str, str]:
    rows = Binding.objects.filter(
        from_connection=work.flow.source_id,
        to_connection=work.flow.target_id,
        kind=PRODUCTS,
        source_key__in=[record.key for record in records],
    )
    return dict(rows.values_list("source_key", "target_id"))


def _missing(work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
    leader = Flow.objects.filter(source=work.flow.source_id, target=work.flow.target_id, kind=PRODUCTS)
    if leader.exclude(adopted_at=None).exists():  # it has looked at every item and paired what is there
        found = [Resolved(record) for record in records]
    else:
        found = find_by_key(work, kind, records) if records else []
    params = {"system": work.system}
    return [
        one if one.existing or one.code else replace(one, code="skip.product_missing", params=params, is_skip=True)
        for one in found
    ]
