"""Prices of customer price classes: GET /v1/customerSalesPrice (reference, section 7), and which of its rows counts.

Reading is HTTP, choosing is pure: what came is kept with the item, so that a stored record says the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from connectors.core import JSONDict, Money
from connectors.visma_net.api import Erp
from connectors.visma_net.read_values import read_decimal, read_rows, read_text

PRICE_PATH = "/v1/customerSalesPrice"
BY_CLASS = "CustomerPriceClass"
PAGE_SIZE = 5000  # lowered to what the endpoint allows
ASKED_SINGLY = 10  # items: as few are asked for one by one, more by the whole list of a class
KEPT = (
    "priceCode",
    "price",
    "currency",
    "uoM",
    "breakQty",
    "effectiveDate",
    "expirationDate",
    "promotion",
    "warehouse",
)


class SalesPrices:
    """The prices of some classes as of a day, read when they are asked for and once per slice of work."""

    def __init__(self, erp: Erp, classes: Sequence[str], *, day: date) -> None:
        self._erp = erp
        self._classes = tuple(classes)
        self._day = day
        self._all: dict[str, list[JSONDict]] | None = None

    def of(self, numbers: Iterable[str]) -> Mapping[str, JSONDict]:
        """Return what is kept with each of these items: the rows of its prices, and the day they are read for."""
        wanted = list(dict.fromkeys(numbers))
        if self._all is None and len(wanted) <= ASKED_SINGLY:
            found = dict(zip(wanted, self._erp.api.overlap(self._of_item, wanted), strict=True))
        else:
            if self._all is None:
                self._all = self._read_all()
            found = {number: self._all.get(number.casefold(), []) for number in wanted}
        return {number: {"asOf": self._day.isoformat(), "rows": rows} for number, rows in found.items()}

    def changed_since(self, since: datetime) -> tuple[set[str], list[JSONDict]]:
        """Return the numbers of the items with a price that was changed, and the rows that say so."""
        rows = [row for code in self._classes for row in self._rows({"priceCode": code, **self._erp.since(since)})]
        return {number for row in rows if (number := read_text(row.get("inventoryId")))}, rows

    def begun_or_ended_since(self, before: date) -> set[str]:
        """Return the numbers of the items with a price that began after that day, or ended on it or after."""
        first, last = before.isoformat(), self._day.isoformat()
        rows = (row for code in self._classes for row in self._rows({"priceCode": code}))
        return {
            number
            for row in rows
            if (number := read_text(row.get("inventoryId")))
            and (
                first < _day(row.get("effectiveDate")) <= last
                or first <= (_day(row.get("expirationDate")) or last) < last
            )
        }

    def _of_item(self, number: str) -> list[JSONDict]:
        rows = self._rows({"inventoryId": number, "effectiveAsOf": self._day.isoformat()})
        same = number.casefold()
        return [_kept(row) for row in rows if (read_text(row.get("inventoryId")) or "").casefold() == same]

    def _read_all(self) -> dict[str, list[JSONDict]]:
        found: dict[str, list[JSONDict]] = {}
        for code in self._classes:
            for row in self._rows({"priceCode": code, "effectiveAsOf": self._day.isoformat()}):
                found.setdefault((read_text(row.get("inventoryId")) or "").casefold(), []).append(_kept(row))
        return found

    def _rows(self, query: Mapping[str, str]) -> list[JSONDict]:
        """Filters that the API does not know are ignored, so every row is looked at again."""
        pages = self._erp.pages(PRICE_PATH, {"priceType": BY_CLASS, **query}, size=PAGE_SIZE)
        rows = (row for page in pages for row in page)
        return [
            row for row in rows if row.get("priceType") == BY_CLASS and read_text(row.get("priceCode")) in self._classes
        ]


def _kept(row: JSONDict) -> JSONDict:
    return {name: row[name] for name in KEPT if row.get(name) is not None}


def class_prices(prices: JSONDict, *, unit: str | None, currency: str) -> dict[str, Money]:
    """Return the price per class of one of the item: from quantity 0 on, valid on the day, in the unit it is sold in.

    A promotion stands above the usual price, and of several the one that began last counts.
    """
    day = str(prices.get("asOf") or "")
    found: dict[str, tuple[tuple[bool, bool, str], Money]] = {}
    for row in read_rows(prices.get("rows")):
        amount, code = read_decimal(row.get("price")), read_text(row.get("priceCode"))
        if amount is None or code is None or read_decimal(row.get("breakQty")) or not _is_valid(row, day):
            continue
        if unit and (own := read_text(row.get("uoM"))) and own.casefold() != unit.casefold():
            continue
        rank = (row.get("promotion") is True, read_text(row.get("warehouse")) is None, _day(row.get("effectiveDate")))
        money = Money(amount=amount, currency=read_text(row.get("currency")) or currency)
        if code not in found or rank > found[code][0]:
            found[code] = rank, money
    return {code: money for code, (_rank, money) in found.items()}


def _is_valid(row: JSONDict, day: str) -> bool:
    begins, ends = _day(row.get("effectiveDate")), _day(row.get("expirationDate"))
    return (not begins or begins <= day) and (not ends or ends >= day)


def _day(value: object) -> str:
    return str(value or "")[:10]
