"""Products: items of an ERP become products of a CRM, created or updated by SKU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, SourceRecord
from connectors.core import Product
from connectors.maps import NoPair
from flows.catalog.base import FlowKind, FlowSettings, Resolved, TableSpec
from flows.models import Candidate

if TYPE_CHECKING:
    from flows.work import Work

LOOK_UPS_AT_ONCE = 48  # about what a slice writes


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
        if work.flow.adopted_at is None and not work.is_dry:  # before the first run there is no index to look in
            return self._from_index(work, records)
        unknown = iter(self._look_up(work, kind, [record for record in records if record.key not in work.paired]))
        return [_as_paired(record, work) if record.key in work.paired else next(unknown) for record in records]

    def _look_up(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        """Look up as many as one step may; the others are stored first, so that a tight limit loses no progress."""
        target = work.target(kind)
        now, later = (records, []) if work.is_dry else (records[:LOOK_UPS_AT_ONCE], records[LOOK_UPS_AT_ONCE:])
        hits = work.target_side.api.overlap(lambda record: target.find(target.natural_key, record.natural_key), now)
        found = [Resolved(record, tuple(existing)) for record, existing in zip(now, hits, strict=True)]
        at, params = timezone.now(), {"system": work.system}
        return found + [Resolved(record, code="lookup.waiting", params=params, retry_at=at) for record in later]

    def _from_index(self, work: Work, records: Sequence[SourceRecord]) -> list[Resolved]:
        keys = {record.natural_key.casefold() for record in records}
        found: dict[str, list[Existing]] = {}
        for row in Candidate.objects.filter(flow=work.flow, natural_key__in=keys):
            found.setdefault(row.natural_key, []).append(Existing(row.target_id, row.natural_key, row.label))
        return [Resolved(record, tuple(found.get(record.natural_key.casefold(), ()))) for record in records]


def _as_paired(record: SourceRecord, work: Work) -> Resolved:
    """Take over what was found when the record was read: under a tight limit it waits here many times."""
    target_id = work.paired[record.key]
    return Resolved(record, (Existing(target_id, record.natural_key),) if target_id else ())
