"""Categories: those of a CRM are paired with the groups an ERP sorts its items into; a person decides about new ones.

The ERP makes no groups through its API, so nothing is written: a record is done when its category has a counterpart.
The pairs are also those of the products flow between the same two systems, the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apicenter.errors import MappingError
from connectors.base import SourceRecord
from connectors.core import Category
from flows.catalog.base import FlowKind, FlowSettings, Given, Resolved, TableSpec
from flows.catalog.products import CategoryFrom
from flows.maps.lookup import look_up

if TYPE_CHECKING:
    from flows.engine.work import Work

TABLE_OF = {CategoryFrom.ITEM_CLASS: "category", CategoryFrom.SALES_CATEGORY: "sales_category"}
TARGET_OF = {CategoryFrom.ITEM_CLASS: "item_classes", CategoryFrom.SALES_CATEGORY: "sales_categories"}


class CategorySettings(FlowSettings):
    """Settings of a categories flow."""

    counterpart: CategoryFrom = CategoryFrom.ITEM_CLASS


class CategoriesFlow(FlowKind):
    key = "categories"
    title = _("Categories")
    source_kind = "categories"
    resources = ("categories",)
    settings_model = CategorySettings
    tables = (
        TableSpec(
            "category",
            _("Item class per product category"),
            "product_categories",
            "item_classes",
            mirror=("products", "category"),
        ),
        TableSpec(
            "sales_category",
            _("Sales category per product category"),
            "product_categories",
            "sales_categories",
            mirror=("products", "sales_category"),
        ),
    )

    def target_kind(self, kind: str, settings: Any) -> str:
        return TARGET_OF[settings.counterpart]

    def table_specs(self, settings: Any) -> Sequence[TableSpec]:
        return [spec for spec in super().table_specs(settings) if spec.name == TABLE_OF[settings.counterpart]]

    def creates(self, kind: str, settings: Any) -> bool:
        return False

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        """Put in the counterpart. Raises MappingError for a category without one: a person chooses it."""
        category, table = record.core, TABLE_OF[given.settings.counterpart]
        assert isinstance(category, Category)
        try:
            counterpart = look_up(table, given.tables.get(table), category.key)
        except MappingError as error:
            if error.code != "value.no_pair":
                raise
            raise MappingError(error.code, value=category.name, key=category.key, table=table) from error
        return replace(record, core=category.model_copy(update={"counterpart": counterpart}))

    def paired_with(self, record: SourceRecord) -> str | None:
        category = record.core
        assert isinstance(category, Category)
        return category.counterpart or ""

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        return [Resolved(record) for record in records]
