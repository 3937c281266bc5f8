"""Products: items of an ERP become products of a CRM, created or updated by SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from connectors.base import Omitted, SourceRecord, Wanted
from connectors.core import Money, Product
from connectors.maps import FieldMap, NoPair, OnError, Step, ValueTableData, When
from flows.catalog.base import FlowKind, FlowSettings, Given, Resolved, TableSpec
from flows.catalog.pairing import find_by_key
from flows.catalog.prices import (
    PriceSource,
    chosen_price,
    ensure_currency,
    list_prices,
    rounded_price,
    without_vat,
)

if TYPE_CHECKING:
    from flows.engine.work import Work


SIMPLE = ("FinishedGoodItem", "NonStockItem", "ServiceItem")
PRICE_LIST_TABLE = "price_list"
CUSTOM_FIELD = "custom_fields."


class CategoryFrom(StrEnum):
    """What the category of a product follows."""

    ITEM_CLASS = "item_class"
    SALES_CATEGORY = "sales_category"


class InactiveItems(StrEnum):
    """What becomes of a product whose item is no longer sold."""

    NOTHING = "nothing"
    RENAME = "rename"
    ASK = "ask_to_delete"


class ProductSettings(FlowSettings):
    """Settings of a products flow. Fields of the target and attributes of the source go by their ids there."""

    update_existing: bool = True
    only_sellable: bool = True
    kinds: tuple[str, ...] = SIMPLE  # empty = all
    inactive_items: InactiveItems = InactiveItems.NOTHING
    inactive_prefix: str = Field("[–]", max_length=20)
    price_source: PriceSource = PriceSource.DEFAULT
    price_class: str = ""
    price_includes_vat: bool = False
    price_decimals: int = Field(2, ge=0, le=4)
    check_currency: bool = True
    send_price_lists: bool = False
    send_cost: bool = False
    category_from: CategoryFrom = CategoryFrom.ITEM_CLASS
    ean_field: str = ""
    short_text_attribute: str = ""
    short_text_field: str = ""
    image_field: str = ""
    image_pattern: str = Field("", max_length=200)  # {sku} and {file} stand for the item's own


class ProductsFlow(FlowKind):
    key = "products"
    title = _("Products")
    source_kind = "products"
    resources = ("products",)
    settings_model = ProductSettings
    unique_keys = ("products",)
    indexes_target = True
    rereads = True
    tables = (
        TableSpec("vat", _("VAT"), "vat_categories", "tax_rates"),
        TableSpec("unit", _("Units"), "units", "units_of_measure", NoPair.DEFAULT),
        TableSpec(
            "category",
            _("Product categories"),
            "item_classes",
            "product_categories",
            NoPair.DEFAULT,
            mirror=("categories", "category"),
        ),
        TableSpec(
            "sales_category",
            _("Product category per sales category"),
            "sales_categories",
            "product_categories",
            NoPair.DEFAULT,
            mirror=("categories", "sales_category"),
        ),
        TableSpec(PRICE_LIST_TABLE, _("Price lists"), "price_classes", "price_lists", NoPair.DEFAULT),
    )

    def table_specs(self, settings: Any) -> Sequence[TableSpec]:
        is_by_class = settings.category_from is CategoryFrom.ITEM_CLASS
        unused = {"sales_category" if is_by_class else "category"}
        if not settings.send_price_lists:
            unused.add(PRICE_LIST_TABLE)
        return [spec for spec in super().table_specs(settings) if spec.name not in unused]

    def updates(self, kind: str, settings: Any) -> bool:
        return bool(settings.update_existing)

    def wanted(self, settings: Any, tables: Mapping[str, ValueTableData]) -> Wanted:
        classes = {settings.price_class} if settings.price_source is PriceSource.PRICE_CLASS else set()
        if settings.send_price_lists and PRICE_LIST_TABLE in tables:
            classes |= {code for code, price_list in tables[PRICE_LIST_TABLE].rows.items() if price_list}
        return Wanted(
            price_classes=tuple(sorted(filter(None, classes))),
            vat_rates=settings.price_includes_vat,
            images=bool(settings.image_field),
        )

    def setting_fields(self, settings: Any) -> Sequence[FieldMap]:
        table = "category" if settings.category_from is CategoryFrom.ITEM_CLASS else "sales_category"
        fields = [
            FieldMap(
                target="product_category_id", source=table, table=table, when=When.ON_CREATE, on_error=OnError.EMPTY
            )
        ]
        if settings.send_cost:
            fields += [
                FieldMap(target="purchase_price.amount", source="cost.amount", when=When.ON_CREATE),
                FieldMap(target="purchase_price.currency", source="cost.currency", when=When.ON_CREATE),
            ]
        if settings.send_price_lists:
            fields.append(FieldMap(target="price_list_prices", source="price_list_prices"))
        if settings.ean_field:
            steps = (Step(fn="ean"),)  # a wrong one is left out, and the test of the set-up says so
            target = CUSTOM_FIELD + settings.ean_field
            fields.append(FieldMap(target=target, source="ean", steps=steps, on_error=OnError.EMPTY))
        if settings.short_text_field and settings.short_text_attribute:
            source = f"attributes.{settings.short_text_attribute}"
            fields.append(FieldMap(target=CUSTOM_FIELD + settings.short_text_field, source=source))
        if settings.image_field:
            fields.append(FieldMap(target=CUSTOM_FIELD + settings.image_field, source="image_link"))
        return fields

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        product = record.core
        assert isinstance(product, Product)
        if settings.only_sellable and not product.is_sellable:
            return "skip.not_sellable", {"what": product.status or "?"}
        if settings.kinds and product.kind and product.kind not in settings.kinds:
            return "skip.not_sellable", {"what": product.kind}
        return None

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        """Put in the price, the prices per price list and the link to the picture that the settings ask for."""
        product, settings = record.core, given.settings
        assert isinstance(product, Product)
        assert isinstance(settings, ProductSettings)
        price = _price(product, settings)
        if price is not None and settings.check_currency:
            ensure_currency(price, given.currency, given.system)
        changes: dict[str, Any] = {"price": price, "image_link": _image_link(product, settings)}
        if settings.send_price_lists:
            table = given.tables.get(PRICE_LIST_TABLE)
            changes["price_list_prices"] = list_prices(product, table, settings.price_decimals)
        return replace(record, core=product.model_copy(update=changes))

    def retire(self, record: SourceRecord | Omitted, settings: Any) -> SourceRecord | str:
        """Only what is no longer sold is retired; a type that is not sent any more is left as it stands there.

        Nothing is known of an item that has vanished, so it cannot be sent with a marked name: somebody is asked.
        """
        if settings.inactive_items is InactiveItems.NOTHING:
            return ""
        if isinstance(record, Omitted):
            return "product.retired"
        product = record.core
        assert isinstance(product, Product)
        if product.is_sellable:
            return ""
        if settings.inactive_items is InactiveItems.ASK:
            return "product.retired"
        name = f"{settings.inactive_prefix} {product.name}"
        return replace(record, core=product.model_copy(update={"name": name}))

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        return find_by_key(work, kind, records)


def _price(product: Product, settings: ProductSettings) -> Money | None:
    price = chosen_price(product, settings.price_source, settings.price_class)
    if price is None:
        return None
    if settings.price_includes_vat:
        price = without_vat(price, product)
    return rounded_price(price, settings.price_decimals)


def _image_link(product: Product, settings: ProductSettings) -> str | None:
    """Return the address of the picture: the pattern with what belongs to the item, or nothing if that is missing."""
    pattern = settings.image_pattern
    if not pattern or ("{file}" in pattern and not product.image):
        return None
    link = pattern.replace("{sku}", quote(product.sku, safe=""))
    return link.replace("{file}", quote(product.image or "", safe=""))
