"""The manners of the ERP API: paging, filters that may be ignored, keys in paths, keys out of `Location`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apicenter.errors import (
    FlowError,
    OutcomeUnknown,
    PermissionMissing,
    RecordError,
    RemoteUnavailable,
    SettingMissing,
)
from connectors.base import Connector, Source, Target
from connectors.core import JSONDict
from connectors.http import Answer, ApiClient
from connectors.parts import first_fields, is_bad_answer, read_in_parts
from connectors.visma_net.read_values import SYSTEM, read_id, read_rows, read_text, read_time


@dataclass(frozen=True, slots=True)
class Stubs:
    """How a row is known that is too large: by these fields, of which a list with this query tells less of each row."""

    keys: tuple[str, ...]
    query: Mapping[str, Any] = field(default_factory=dict)


UNSAFE_IN_PATH = frozenset(":/?#[]@&*+;")
CLOCK_CHANGE = timedelta(hours=3)  # longer than any clock is put back by
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
        self._open_lists: set[str] = set()  # of which we may see something

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

    def page(
        self, path: str, query: Mapping[str, Any], *, number: int, size: int, stubs: Stubs | None = None
    ) -> list[JSONDict]:
        """Return a page of a list; one that cannot be taken in at once is read in smaller ones.

        With `stubs` a row that cannot be taken in even by itself comes with what can be known of it, and "errorInfo";
        otherwise it raises, as what was not seen must not be taken for absent.
        """

        def read(number: int, size: int) -> list[JSONDict]:
            return self.rows(path, {**query, "pageNumber": number, "pageSize": size})

        def instead(number: int, error: RemoteUnavailable) -> JSONDict:
            try:
                return read(number, 1)[0]  # once more: an answer may be spoilt on its way
            except RemoteUnavailable as again:
                if stubs is None or not is_bad_answer(again):
                    raise
                return self._stub(path, {**query, **stubs.query}, number, stubs, again)

        try:
            return read(number, size)
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
        rows = read_in_parts(read, number=number, size=size, instead=instead, cap=page_cap)
        return _with_counters(rows)

    def _stub(
        self, path: str, query: Mapping[str, Any], number: int, stubs: Stubs, error: RemoteUnavailable
    ) -> JSONDict:
        try:
            found = self.rows(path, {**query, "pageNumber": number, "pageSize": 1})[:1] if stubs.query else []
        except RemoteUnavailable as again:
            if not is_bad_answer(again):
                raise
            found = []
        begun = first_fields(error.beginning, shape="[{")
        row = found[0] if found else begun
        if not all(read_text(row.get(name)) for name in stubs.keys):
            raise error
        if any(name in begun and read_text(begun[name]) != read_text(row[name]) for name in stubs.keys):
            raise error  # the list has moved between the two
        return {**row, "errorInfo": too_large()}

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

    def of_record(self, error: PermissionMissing) -> RecordError:
        """Return what a record is held with that we may not see, while the list it stands in is open to us. Raises
        PermissionMissing when that is closed too: then a right of the connection is missing."""
        parts = str(error.params["what"]).split("/")
        is_v3 = parts[0] == "api"
        path = "/" + "/".join(parts[: 3 if is_v3 else 2])
        if path not in self._open_lists:
            try:
                if is_v3:
                    self.api.call("GET", path, host="order", query={"pageSize": 1, "pageIndex": 0})
                else:
                    self.get(path, {"pageNumber": 1, "pageSize": 1})
            except RemoteUnavailable as failure:
                if not is_bad_answer(failure):
                    raise
            self._open_lists.add(path)
        return RecordError("record.forbidden", detail=error.detail, system=SYSTEM)

    def look_up(self, path: str, query: Mapping[str, Any]) -> tuple[list[JSONDict], bool]:
        """Return the rows of a filtered list, and whether these are all there are: an API that does not know the
        filter answers with its first page of everything."""
        page = self.page(path, query, number=1, size=LOOKUP_ROWS)
        return page, is_complete(page, seen=len(page), size=LOOKUP_ROWS)

    def since(self, moment: datetime, field: str = "lastModifiedDateTime") -> dict[str, str]:
        """Return the filter for rows changed at or after the moment. Only both parameters together are obeyed, and
        the time must not name a zone."""
        local = earliest_local(moment, self.zone)
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

    def once_more(self, read: Callable[[], JSONDict], probe: Callable[[], object]) -> JSONDict | RecordError:
        """Read a record again whose answer could not be taken in. While `probe` can be, that is the record's own."""
        try:
            return read()
        except RecordError as error:
            return error
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
            probe()
            return RecordError("record.unreadable", detail=error.detail, system=SYSTEM, what=too_large())


class ErpTarget(Target):
    """A target of the ERP."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.erp = Erp(connector.api, connector.settings)


def earliest_local(moment: datetime, zone: tzinfo) -> datetime:
    """Return the earliest clock time, without a zone, that anything at or after the moment can bear: where the clock
    is put back within the next hours, what changes afterwards bears a time from before."""
    local = moment.astimezone(zone)
    later = (moment + CLOCK_CHANGE).astimezone(zone)
    back = (local.utcoffset() or CLOCK_CHANGE) - (later.utcoffset() or CLOCK_CHANGE)
    return local.replace(tzinfo=None) - max(back, timedelta(0))


def too_large() -> str:
    """Return what is said of a record whose answer cannot be taken in."""
    return _("its answer is too large or not JSON; once it is shorter there, it is read again")


def _with_counters(rows: list[JSONDict]) -> list[JSONDict]:
    """Let the first row tell the counters of the list as all others do, though it may be one that was not read."""
    counters = next((row["metadata"] for row in rows if isinstance(row.get("metadata"), dict)), None)
    return [{**rows[0], "metadata": counters}, *rows[1:]] if rows and counters else rows


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
