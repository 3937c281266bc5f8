"""Lists of the ERP gateway: filters, increments, pages, and the totals repeated on every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net.asking import Ask
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, public, read_time, stamp, version_text

OPERATORS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
INCREMENTS = (
    "lastModifiedDateTime",
    "lastModifiedDateTimeCondition",
    "createdDateTime",
    "createdDateTimeCondition",
)
PAGING = ("pageNumber", "pageSize", "numberToRead", "skipRecords", "greaterThanValue", "orderBy")
NO_FILTERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Listing:
    """What a list can do. `cap` 0 means it has no pages; `filters` maps a parameter to a place in the body."""

    kind: str
    cap: int = 1000
    has_metadata: bool = True
    has_increments: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=lambda: {"lastModifiedDateTime": "modified_at"})
    version_name: str = ""
    sieve: Callable[[Ask, JSONDict], bool] | None = None
    show: Callable[[Ask, JSONDict], JSONDict] | None = None

    @property
    def query(self) -> tuple[str, ...]:
        return (*self.filters, *(INCREMENTS if self.has_increments else ()), *PAGING)


def body_of(thing: Thing, listing: Listing) -> JSONDict:
    """Return the record as it is read: without our own notes, with times and version."""
    body = public(thing.body)
    for name, column in listing.times.items():
        body[name] = stamp(getattr(thing, column))
    if listing.version_name:
        body[listing.version_name] = version_text(thing.pk, thing.version)
    return body


def list_things(ask: Ask, listing: Listing, *, only: Mapping[str, Any] = NO_FILTERS) -> Reply:
    """Answer a list; `only` are conditions the path itself sets."""
    rows = narrow(ask, listing).filter(**only)
    found: list[Thing] | QuerySet[Thing]
    if listing.sieve is None:
        total, found = rows.count(), rows
    else:
        found = [thing for thing in rows if listing.sieve(ask, thing.body)]
        total = len(found)
    start, size, cap = page_of(ask, listing, total)
    page = [shown(ask, thing, listing) for thing in found[start : start + size]]
    if listing.has_metadata and listing.cap:
        for row in page:
            row["metadata"] = {"totalCount": total, "maxPageSize": cap}
    return Reply(200, page)


def shown(ask: Ask, thing: Thing, listing: Listing) -> JSONDict:
    body = body_of(thing, listing)
    return listing.show(ask, body) if listing.show else body


def narrow(ask: Ask, listing: Listing) -> QuerySet[Thing]:
    """Return the rows the filters leave, by key: pages stay whole while records change."""
    rows = Thing.objects.filter(account=ask.account, kind=listing.kind).order_by("key")
    for parameter, place in listing.filters.items():
        value = ask.text(parameter)
        if value is not None and place:
            rows = rows.filter(**{place: _typed(value)})
    if listing.has_increments:
        rows = since(ask, rows, "lastModifiedDateTime", "modified_at")
        rows = since(ask, rows, "createdDateTime", "created_at")
    return rows


def since(ask: Ask, rows: QuerySet[Thing], parameter: str, column: str) -> QuerySet[Thing]:
    """A time without a condition, or the other way round, filters nothing; nor does one with a zone suffix."""
    text, operator = ask.text(parameter), ask.text(f"{parameter}Condition")
    if text is None or operator is None:
        return rows
    moment = read_time(text)
    if operator not in OPERATORS or (moment is None and ask.is_strict):
        raise Refused(f"The value '{text}' with condition '{operator}' is not valid for {parameter}.")
    if moment is None:
        return rows
    return rows.filter(**{f"{column}__{OPERATORS[operator]}": moment})


def page_of(ask: Ask, listing: Listing, total: int) -> tuple[int, int, int]:
    """Return start, size and the cap. Too large a size is lowered without a word."""
    if not listing.cap:
        return ask.integer("skipRecords", default=0, least=0), ask.integer("numberToRead", default=total, least=0), 0
    cap = min(listing.cap, ask.options.page_cap)
    size = ask.integer("pageSize", default=cap, least=1)
    if size > cap and ask.options.page_cap_mode == "reject":
        raise Refused(f"The page size cannot be larger than {cap}.")
    size = min(size, cap)
    return (ask.integer("pageNumber", default=1, least=1) - 1) * size, size, cap


def _typed(value: str) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value)
