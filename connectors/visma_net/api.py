"""The manners of the ERP API: paging, filters that may be ignored, keys in paths, keys out of `Location`."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apicenter.errors import FlowError, OutcomeUnknown, RemoteUnavailable, SettingMissing
from connectors.base import Connector, Source, Target
from connectors.core import JSONDict
from connectors.http import Answer, ApiClient
from connectors.visma_net.read_values import SYSTEM, read_id, read_rows, read_text, read_time

UNSAFE_IN_PATH = frozenset(":/?#[]@&*+;")
TOLERANCE = timedelta(days=1)  # the zone of the ERP's times is not documented
LOOKUP_ROWS = 50


class Erp:
    """One company of Visma.net, spoken to in its own terms."""

    def __init__(self, api: ApiClient, settings: Mapping[str, Any]) -> None:
        self.api = api
        self.settings = settings
        self.zone = ZoneInfo(str(settings.get("time_zone") or "UTC"))
        company = read_text(settings.get("ipp_company_id"))
        self.headers = {"ipp-company-id": company} if company else {}

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.api.call("GET", path, query=query, headers=self.headers).body

    def send(self, method: str, path: str, body: JSONDict, *, is_create: bool = False, etag: str = "") -> Answer:
        headers = {**self.headers, "If-Match": etag} if etag else self.headers
        return self.api.call(method, path, json=body, headers=headers, is_create=is_create)

    def rows(self, path: str, query: Mapping[str, Any] | None = None) -> list[JSONDict]:
        """Return a list that comes in one piece. Raises RemoteUnavailable when it is not a list."""
        body = self.get(path, query)
        if not isinstance(body, list):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{path}: {type(body).__name__}")
        return read_rows(body)

    def page(self, path: str, query: Mapping[str, Any], *, number: int, size: int) -> list[JSONDict]:
        return self.rows(path, {**query, "pageNumber": number, "pageSize": size})

    def pages(self, path: str, query: Mapping[str, Any] | None = None, *, size: int = 500) -> Iterator[list[JSONDict]]:
        """Yield the pages of a list until all that it says to have was seen. Raises RemoteUnavailable when it ends
        before that: what was not seen must not be taken for absent."""
        number, seen, total, previous = 1, 0, 0, None
        while (page := self.page(path, query or {}, number=number, size=size)) and page != previous:
            yield page
            seen += len(page)
            total = total_count(page) or 0
            if is_complete(page, seen=seen, size=size):
                return
            size = min(size, page_cap(page) or size)
            number, previous = seen // size + 1, page
        if seen < total:
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{path}: {seen} of {total} rows")

    def look_up(self, path: str, query: Mapping[str, Any]) -> tuple[list[JSONDict], bool]:
        """Return the rows of a filtered list, and whether these are all there are: an API that does not know the
        filter answers with its first page of everything."""
        page = self.page(path, query, number=1, size=LOOKUP_ROWS)
        return page, is_complete(page, seen=len(page), size=LOOKUP_ROWS)

    def since(self, moment: datetime, field: str = "lastModifiedDateTime") -> dict[str, str]:
        """Return the filter for rows changed at or after the moment. Only both parameters together are obeyed, and
        the time must not name a zone."""
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        return {field: local.isoformat(timespec="milliseconds"), f"{field}Condition": ">="}

    def ensure_filtered(self, rows: list[JSONDict], since: datetime, field: str = "lastModifiedDateTime") -> None:
        """Raise FlowError when the rows show that `since` was not obeyed."""
        times = [time for row in rows if (time := read_time(row.get(field), self.zone))]
        old = sum(time < since - TOLERANCE for time in times)
        if old * 2 > len(rows):
            raise filter_ignored(field)

    @cached_property
    def organization(self) -> JSONDict:
        """The company itself, read once."""
        rows = self.rows("/v1/organization", {"expandBranches": "false", "expandBankSettings": "false"})
        if not rows:
            raise FlowError("connection.empty", system=SYSTEM, what=_("organization"))
        return rows[0]

    @cached_property
    def base_currency(self) -> str:
        """The currency of prices that name none: what the connection says, else what the organization does."""
        return self._find_currency() or self._raise_no_currency()

    def _find_currency(self) -> str | None:
        if told := read_text(self.settings.get("currency")):
            return told
        if found := read_text(self.organization.get("baseCurrency")) or read_id(self.organization.get("currency")):
            return found
        branches = self.rows("/v1/branch", {"expandCurrency": "true"})
        return next((code for row in branches if (code := read_id(row.get("currency")))), None)

    def _raise_no_currency(self) -> str:
        raise SettingMissing(setting="currency")


class ErpSource(Source):
    """A source of the ERP."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.erp = Erp(connector.api, connector.settings)


class ErpTarget(Target):
    """A target of the ERP."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.erp = Erp(connector.api, connector.settings)


def filter_ignored(name: str) -> FlowError:
    return FlowError("remote.filter_ignored", system=SYSTEM, what=name)


def page_cap(rows: list[JSONDict]) -> int | None:
    """Return the largest page the endpoint gives, as every row repeats it."""
    return _metadata(rows, "maxPageSize")


def total_count(rows: list[JSONDict]) -> int | None:
    """Return how many rows the whole list has, as every row repeats it; an empty page cannot tell."""
    return _metadata(rows, "totalCount")


def _metadata(rows: list[JSONDict], name: str) -> int | None:
    found = rows[0].get("metadata") if rows else None
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and value > 0 else None


def is_complete(page: list[JSONDict], *, seen: int, size: int) -> bool:
    """Return whether nothing follows this page."""
    total = total_count(page)
    if total is not None:
        return seen >= total
    return len(page) != min(size, page_cap(page) or size)  # longer than asked for: a list that has no pages


def path_key(value: str) -> str:
    """Return a key as it may stand in a path: characters that routers split at go as `b64(...)`."""
    if UNSAFE_IN_PATH.isdisjoint(value):
        return quote(value, safe="")
    encoded = base64.urlsafe_b64encode(value.encode()).decode()
    return f"b64({quote(encoded, safe='')})"


def created_keys(answer: Answer, count: int = 1) -> tuple[str, ...]:
    """Return the last path segments of `Location`. Raises OutcomeUnknown when the answer names no record."""
    segments = [part for part in urlsplit(answer.headers.get("location", "")).path.split("/") if part]
    if len(segments) < count:
        raise OutcomeUnknown(system=SYSTEM, detail="created without a Location")
    return tuple(_read_key(unquote(part)) for part in segments[-count:])


def said(answer: Answer) -> JSONDict:
    """Return an answer without a body as the log shows it: all that it says is where the new record is."""
    return {"Location": answer.headers.get("location", "")}


def _read_key(segment: str) -> str:
    if segment.startswith("b64(") and segment.endswith(")"):
        return base64.urlsafe_b64decode(segment[4:-1]).decode().strip()
    return segment.strip()


def utc_text(moment: datetime) -> str:
    """Return the moment as the sales order service reads it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
