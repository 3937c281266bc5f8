"""Products: GET /v1/inventory in pages, and the look-up of items by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound, RemoteUnavailable
from connectors.base import FieldInfo, Omitted, Page, ReadRecord, SourceRecord, Text, Unreadable, Window
from connectors.core import JSONDict
from connectors.visma_net.api import Erp, ErpSource, ErpTarget, page_cap, path_key, total_count
from connectors.visma_net.fields import product_fields
from connectors.visma_net.read_product import read_product_record, with_currency
from connectors.visma_net.read_values import SYSTEM, read_text
from connectors.visma_net.vat import VatRules

LIST_PATH = "/v1/inventory"
LARGEST_ID = 2**31 - 1
# The defaults of these flags are announced to change, so each one is said.
EXPAND = {
    "expandAttribute": "true",
    "expandCrossReference": "true",
    "expandWarehouseDetail": "true",
    "expandSalesCategories": "true",
    "expandAttachment": "false",
    "expandAccountInformation": "false",
    "expandInventoryUnits": "false",
    "expandSupplierDetails": "false",
    "expandNote": "false",
    "addCostPriceStatistics": "false",
}
COLLAPSE = dict.fromkeys(EXPAND, "false")


class Products(ErpSource):
    """Items of the inventory, whatever their type or status: what is sent is the flow's choice."""

    kind: ClassVar[str] = "products"
    title: ClassVar[Text] = _("Products")
    page_size: ClassVar[int] = 500

    def page(self, window: Window, position: Any | None) -> Page:
        number, size = (position["page"], position["size"]) if position else (1, self.page_size)
        query = EXPAND | (self.erp.since(window.since) if window.since else {})
        rows = self.erp.page(LIST_PATH, query, number=number, size=size)
        if window.since:
            self.erp.ensure_filtered(rows, window.since)
        following = self._following(rows, number, size, position, query)
        records = tuple(record for row in rows if _is_before(record := self._record(row), window))
        times = [record.modified_at for record in records if record.modified_at]
        return Page(records=records, position=following, seen_until=max(times, default=None))

    def _following(
        self, rows: list[JSONDict], number: int, size: int, position: Any | None, query: Mapping[str, str]
    ) -> JSONDict | None:
        told = position["total"] if position else None
        if not rows:
            self._ensure_all_seen((number - 1) * size, told, query)
            return None
        total = total_count(rows)
        if total is not None and told is not None and total < told and number > 1:
            return {
                "page": number - 1,
                "size": size,
                "total": total,
            }  # rows went away and the others moved up: look again
        seen = (number - 1) * size + len(rows)
        cap = min(size, page_cap(rows) or size)
        if total is not None and seen >= total:
            return None
        if len(rows) < cap and total is None:
            return None
        if len(rows) < cap:
            raise RemoteUnavailable(
                "remote.bad_answer", system=SYSTEM, detail=f"{seen} of {total} items, then a short page"
            )
        return {"page": seen // cap + 1, "size": cap, "total": total}

    def _ensure_all_seen(self, seen: int, told: int | None, query: Mapping[str, str]) -> None:
        """An empty page cannot say whether the list is at its end: ask for the total again."""
        if told is None or seen >= told:
            return
        total = total_count(self.erp.page(LIST_PATH, {**query, **COLLAPSE}, number=1, size=1)) or 0
        if seen < total:
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{seen} of {total} items, then no more")

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        records: list[ReadRecord] = []
        for key, found in zip(keys, self.api.settle(self._fetch, keys), strict=True):
            if isinstance(found, NotFound):
                records.append(Omitted(key, "", "skip.deleted", raw={}, params={"system": SYSTEM}))
            elif isinstance(found, Exception):
                raise found
            else:
                records.append(self._record(found))
        return records

    def _fetch(self, key: str) -> JSONDict:
        is_id = key.isdecimal() and int(key) <= LARGEST_ID
        found = self.erp.get(f"{LIST_PATH}/internal/{key}" if is_id else f"{LIST_PATH}/{path_key(key)}")
        if not isinstance(found, dict):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"item {key}: {type(found).__name__}")
        return found

    def _record(self, row: JSONDict) -> ReadRecord:
        return read_product_record(with_currency(row, self.erp.base_currency), self.erp.zone)

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

    def existing_keys(self, natural_keys: Iterable[str]) -> dict[str, str]:
        wanted = list(dict.fromkeys(natural_keys))
        found = zip(wanted, self.api.overlap(self._find_item, wanted), strict=True)
        return {asked: number for asked, number in found if number is not None}

    def vat_rates(self, customers: Iterable[str]) -> Callable[[str, str], Decimal | None]:
        return self._vat.rates(customers)

    @cached_property
    def _vat(self) -> VatRules:
        return VatRules(self.erp)

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
