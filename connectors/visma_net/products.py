"""Products: GET /v1/inventory in pages, and the look-up of items by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound
from connectors.base import (
    FieldInfo,
    Found,
    Page,
    ReadRecord,
    SourceRecord,
    Text,
    Unreadable,
    Usable,
    Window,
)
from connectors.core import JSONDict
from connectors.visma_net.api import Erp, ErpTarget, path_key, total_count
from connectors.visma_net.fields import PRODUCT_FIELDS, product_fields
from connectors.visma_net.items import COLLAPSE, EXPAND, LIST_PATH, STUBS, ItemSource
from connectors.visma_net.lookups import vat_categories
from connectors.visma_net.read_product import SELLABLE, read_product_record, with_currency
from connectors.visma_net.read_values import read_id, read_text, read_time
from connectors.visma_net.sales_prices import SalesPrices
from connectors.visma_net.subaccounts import Subaccounts
from connectors.visma_net.vat import VatRules

MOST_FETCHED = 40  # items with a changed price that are read one by one; with more everything is read
DAY_SETTLED = 3  # the hour from which on the clocks of both sides agree that the day has begun
BOOKABLE = frozenset({"Active", "OneTime"})  # customers
PRICES = "prices"  # the position at which changed prices are looked for


class Products(ItemSource):
    """Items of the inventory, whatever their type or status: what is sent is the flow's choice."""

    kind: ClassVar[str] = "products"
    title: ClassVar[Text] = _("Products")
    page_size: ClassVar[int] = 500
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = PRODUCT_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        if position == PRICES:
            return self._page_of_changed_prices(window)
        number, size = (position["page"], position["size"]) if position else (1, self.page_size)
        since = None if position and position.get("is_full") else window.since
        query = self._expand | (self.erp.since(since) if since else {})
        rows = self.erp.page(LIST_PATH, query, number=number, size=size, stubs=STUBS)
        if since:
            self.erp.ensure_filtered(rows, since)
        following: JSONDict | str | None = self.following(rows, number, size, position, query)
        if isinstance(following, dict) and window.since and not since:
            following["is_full"] = True
        if following is None and since and self._prices is not None:
            following = PRICES
        records = tuple(record for record in self._records(rows) if _is_before(record, window))
        times = [record.modified_at for record in records if record.modified_at]
        return Page(records=records, position=following, seen_until=max(times, default=None))

    def _page_of_changed_prices(self, window: Window) -> Page:
        """A new price of a class does not touch its item: read the items whose prices were changed as well."""
        assert self._prices is not None
        assert window.since is not None
        numbers, rows = self._prices.changed_since(window.since)
        times = [at for row in rows if (at := read_time(row.get("lastModifiedDateTime"), self.erp.zone))]
        now = datetime.now(self.erp.zone)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if now.hour >= DAY_SETTLED and window.since < midnight:  # once a day: nothing tells that a price's day has come
            numbers |= self._prices.begun_or_ended_since(window.since.astimezone(self.erp.zone).date())
            times.append(midnight.astimezone(UTC))
        seen_until = max(times, default=None)
        if len(numbers) > MOST_FETCHED:
            return Page((), {"page": 1, "size": self.page_size, "total": None, "is_full": True}, seen_until)
        return Page(tuple(self.fetch(sorted(numbers), by_number=True)), None, seen_until)

    def counts(self, window: Window) -> Iterator[int]:
        """One call tells the total of what changed since a moment, a second one what of it is too new."""
        newer = self._total(window.until) if window.until else 0
        yield max(0, self._total(window.since) - newer)

    def _total(self, since: datetime | None) -> int:
        query = self.erp.since(since) if since else {}
        return total_count(self.erp.page(LIST_PATH, {**query, **COLLAPSE}, number=1, size=1)) or 0

    def count(self, window: Window) -> Found | None:
        query = COLLAPSE | (self.erp.since(window.since) if window.since else {})
        rows = self.erp.page(LIST_PATH, query, number=1, size=1)
        total = total_count(rows)
        return Found(total) if total is not None else Found(len(rows), is_more=bool(rows))

    def _records(self, rows: Sequence[JSONDict]) -> list[ReadRecord]:
        """Return the records of rows, each with what the flow wants beside it."""
        numbers = [read_text(row.get("inventoryNumber")) or "" for row in rows]
        prices = self._prices.of(filter(None, numbers)) if self._prices is not None else {}
        return [
            read_product_record(self._completed(row, prices.get(number)), self.erp.zone)
            for row, number in zip(rows, numbers, strict=True)
        ]

    def _completed(self, row: JSONDict, prices: JSONDict | None) -> JSONDict:
        kept = with_currency(row, self.erp.base_currency)
        if not self.wanted.images:
            kept.pop("attachments", None)  # a single read brings them unasked, a list does not
        if prices is not None:
            kept["salesPrices"] = prices
        if self.wanted.vat_rates:
            rate = self._rates.get(read_id(row.get("vatCode")) or "")
            kept["vatRate"] = None if rate is None else f"{rate:f}"
        return kept

    @property
    def _expand(self) -> dict[str, str]:
        return EXPAND | {"expandAttachment": "true"} if self.wanted.images else EXPAND

    @cached_property
    def _prices(self) -> SalesPrices | None:
        if not self.wanted.price_classes:
            return None
        return SalesPrices(self.erp, self.wanted.price_classes, day=datetime.now(self.erp.zone).date())

    @cached_property
    def _rates(self) -> dict[str, Decimal | None]:
        return {option.value: option.rate for option in vat_categories(self.erp)}

    def parse(self, raw: JSONDict) -> SourceRecord:
        record = read_product_record(raw, self.erp.zone)
        if isinstance(record, Unreadable):
            raise record.error
        if not isinstance(record, SourceRecord):
            raise TypeError(f"{type(record).__name__} is no product.")
        return record

    def fields(self) -> list[FieldInfo]:
        return product_fields(self.erp)


def _is_before(record: ReadRecord, window: Window) -> bool:
    return window.until is None or record.modified_at is None or record.modified_at < window.until


class ItemTarget(ErpTarget):
    """A target whose lines name items; its keys to look up are item numbers."""

    knows_items: ClassVar[bool] = True

    def existing_keys(self, natural_keys: Iterable[str]) -> dict[str, str]:
        wanted = list(dict.fromkeys(natural_keys))
        found = zip(wanted, self.api.overlap(self._find_item, wanted), strict=True)
        return {asked: number for asked, number in found if number is not None}

    def vat_rates(self, customers: Iterable[str]) -> Callable[[str, str, str], Decimal | None]:
        return self._vat.rates(customers)

    @cached_property
    def _vat(self) -> VatRules:
        return VatRules(self.erp)

    def usable(self, what: Usable, keys: Sequence[str]) -> set[str]:
        is_usable = self._is_active if what is Usable.CUSTOMER else self._is_sellable
        return {key for key, ok in zip(keys, self.api.overlap(is_usable, list(keys)), strict=True) if ok}

    def _is_active(self, number: str) -> bool:
        return self._status_at(f"/v1/customer/{path_key(number)}") in BOOKABLE

    def _is_sellable(self, number: str) -> bool:
        return self._status_at(f"{LIST_PATH}/{path_key(number)}") in SELLABLE

    def _status_at(self, path: str) -> str | None:
        try:
            row = self.erp.get(path)
        except NotFound:
            return None
        return read_text(row.get("status")) if isinstance(row, dict) else None

    @cached_property
    def subaccounts(self) -> Subaccounts:
        return Subaccounts(self.erp)

    def _find_item(self, number: str) -> str | None:
        return find_item(self.erp, number)


def find_item(erp: Erp, number: str) -> str | None:
    """Return the item's number as Visma.net writes it; letter case and blanks around it do not matter."""
    asked = number.strip()
    if not asked:
        return None
    rows, are_all = erp.look_up(LIST_PATH, {"inventoryNumber": asked} | COLLAPSE)
    found = [text for row in rows if (text := read_text(row.get("inventoryNumber")))]
    near = [text for text in found if text.casefold() == asked.casefold()]
    if near or are_all:
        return asked if asked in near else next(iter(near), None)
    return _get_item(erp, asked)  # a full page of other items: the filter was not obeyed


def _get_item(erp: Erp, number: str) -> str | None:
    try:
        row = erp.get(f"{LIST_PATH}/{path_key(number)}")
    except NotFound:
        return None
    return read_text(row.get("inventoryNumber")) if isinstance(row, dict) else None
