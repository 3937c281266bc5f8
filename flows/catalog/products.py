"""Products: items of an ERP become products of a CRM, created or updated by SKU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, SourceRecord
from connectors.core import Product
from connectors.maps import NoPair
from flows.catalog.base import FlowKind, FlowSettings, Resolved, TableSpec
from flows.models import Candidate

if TYPE_CHECKING:
    from flows.work import Work

LOOK_UPS_PER_PAGE = 20  # beyond this many new records, one more look at the whole target is cheaper


class ProductSettings(FlowSettings):
    """Settings of a products flow."""

    update_existing: bool = True
    only_sellable: bool = True
    kinds: tuple[str, ...] = ("FinishedGoodItem", "NonStockItem", "ServiceItem")  # empty = all


class ProductsFlow(FlowKind):
    key = "products"
    title = _("Products")
    source_kind = "products"
    resources = ("products",)
    settings_model = ProductSettings
    unique_keys = ("products",)
    indexes_target = True
    tables = (
        TableSpec("vat", _("VAT"), "vat_categories", "tax_rates"),
        TableSpec("unit", _("Units"), "units", "units_of_measure", NoPair.DEFAULT),
        TableSpec("category", _("Product categories"), "item_classes", "product_categories", NoPair.DEFAULT),
    )

    def updates(self, kind: str, settings: Any) -> bool:
        return bool(settings.update_existing)

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        product = record.core
        assert isinstance(product, Product)
        if settings.only_sellable and not product.is_sellable:
            return "skip.not_sellable", {"what": product.status or "?"}
        if settings.kinds and product.kind and product.kind not in settings.kinds:
            return "skip.not_sellable", {"what": product.kind}
        return None

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Find each SKU in the target: from the index of the first run, later one look-up each."""
        if work.flow.adopted_at is None:
            return self._from_index(work, records)
        target = work.target(kind)
        if len(records) > LOOK_UPS_PER_PAGE:
            found: dict[str, list[Existing]] = {}
            wanted = {record.natural_key.casefold() for record in records}
            for existing in target.index():
                if existing.natural_key.casefold() in wanted:
                    found.setdefault(existing.natural_key.casefold(), []).append(existing)
            return [Resolved(record, tuple(found.get(record.natural_key.casefold(), ()))) for record in records]
        hits = work.target_side.api.overlap(
            lambda record: target.find(target.natural_key, record.natural_key), list(records)
        )
        return [Resolved(record, tuple(existing)) for record, existing in zip(records, hits, strict=True)]

    def _from_index(self, work: Work, records: Sequence[SourceRecord]) -> list[Resolved]:
        keys = {record.natural_key.casefold() for record in records}
        found: dict[str, list[Existing]] = {}
        for row in Candidate.objects.filter(flow=work.flow, natural_key__in=keys):
            found.setdefault(row.natural_key, []).append(Existing(row.target_id, row.natural_key, row.label))
        return [Resolved(record, tuple(found.get(record.natural_key.casefold(), ()))) for record in records]
