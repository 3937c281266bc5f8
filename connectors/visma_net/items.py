"""What all readings of the inventory share: GET /v1/inventory in pages that may shift, single items, keys alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from apicenter.errors import NotFound, PermissionMissing, RecordError, RemoteUnavailable
from connectors.base import KeyPage, Listed, Omitted, ReadRecord, Unreadable
from connectors.core import JSONDict
from connectors.parts import is_bad_answer
from connectors.visma_net.api import Erp, ErpSource, Stubs, is_complete, page_cap, path_key, total_count
from connectors.visma_net.read_product import item_key
from connectors.visma_net.read_values import SYSTEM, read_time

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
STUBS = Stubs(("inventoryId",), COLLAPSE)
KEYS_PAGE = 5000  # lowered to what the endpoint allows


class ItemSource(ErpSource):
    """A source whose records are items, by their ids."""

    def _records(self, rows: Sequence[JSONDict]) -> list[ReadRecord]:
        """Return a record for each row of the inventory, in order."""
        raise NotImplementedError

    def following(
        self, rows: list[JSONDict], number: int, size: int, position: Any | None, query: Mapping[str, Any]
    ) -> JSONDict | None:
        """Return where the next page starts. Raises RemoteUnavailable when the list ends too early."""
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

    def _ensure_all_seen(self, seen: int, told: int | None, query: Mapping[str, Any]) -> None:
        """An empty page cannot say whether the list is at its end: ask for the total again."""
        if told is None or seen >= told:
            return
        total = total_count(self.erp.page(LIST_PATH, {**query, **COLLAPSE}, number=1, size=1)) or 0
        if seen < total:
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{seen} of {total} items, then no more")

    def keys(self, position: Any | None) -> KeyPage:
        """One call per 5,000 items where the company allows that many; what vanished is what is missing here."""
        return item_keys(self.erp, position)

    def fetch(self, keys: Sequence[str], *, by_number: bool = False) -> list[ReadRecord]:
        found = dict(zip(keys, self.api.settle(partial(self._fetch, by_number=by_number), keys), strict=True))
        for key in [key for key, one in found.items() if is_bad_answer(one)]:
            found[key] = self.once_more(partial(self._fetch, key, by_number=by_number), self._probe)
        for key, one in found.items():
            if isinstance(one, PermissionMissing):
                found[key] = self.erp.of_record(one)
        failed = (one for one in found.values() if isinstance(one, Exception) and not isinstance(one, RecordError))
        for error in failed:
            raise error
        read = iter(self._records([row for row in found.values() if not isinstance(row, Exception)]))
        return [self._unread(key, one) if isinstance(one, Exception) else next(read) for key, one in found.items()]

    def _probe(self) -> None:
        self.erp.page(LIST_PATH, COLLAPSE, number=1, size=1, stubs=STUBS)

    def _unread(self, key: str, error: Exception) -> ReadRecord:
        if isinstance(error, NotFound):
            return Omitted(key, "", "skip.deleted", raw={}, params={"system": SYSTEM})
        assert isinstance(error, RecordError)
        return Unreadable(key, "", error, {})

    def _fetch(self, key: str, *, by_number: bool) -> JSONDict:
        is_id = not by_number and key.isdecimal() and int(key) <= LARGEST_ID
        found = self.erp.get(f"{LIST_PATH}/internal/{key}" if is_id else f"{LIST_PATH}/{path_key(key)}")
        if not isinstance(found, dict):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"item {key}: {type(found).__name__}")
        return found


def item_keys(
    erp: Erp,
    position: Any | None,
    query: Mapping[str, Any] = COLLAPSE,
    *,
    changed_at: Callable[[JSONDict, tzinfo], datetime | None] = lambda row, zone: read_time(
        row.get("lastModifiedDateTime"), zone
    ),
) -> KeyPage:
    """Return a page of the ids of items, and when each changed.

    Raises RemoteUnavailable when the list ends before all that it says to have: what was not seen is not gone.
    """
    number, size = (position["page"], position["size"]) if position else (1, KEYS_PAGE)
    rows = erp.page(LIST_PATH, query, number=number, size=size, stubs=STUBS)
    seen, total = (number - 1) * size + len(rows), total_count(rows) or (position or {}).get("total") or 0
    listed = tuple(Listed(key, changed_at(row, erp.zone)) for row in rows if (key := item_key(row)))
    if rows and not is_complete(rows, seen=seen, size=size):
        cap = min(size, page_cap(rows) or size)
        return KeyPage(listed, {"page": seen // cap + 1, "size": cap, "total": total})
    if seen < total:
        raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{seen} of {total} items, then no more")
    return KeyPage(listed, None)
