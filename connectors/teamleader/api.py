"""What all calls of this API share: POST for everything, a pinned version, pages by number, ids in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import (
    ApicenterError,
    ChangedMeanwhile,
    NotFound,
    PermissionMissing,
    RecordError,
    RemoteUnavailable,
)
from connectors.base import Connector, Found, Source, Target
from connectors.core import JSONDict
from connectors.http import Answer, ApiClient
from connectors.parts import first_fields, is_bad_answer, read_in_parts
from connectors.teamleader.read_values import SYSTEM, read_id, unreadable

READS = (".list", ".info", ".me")  # everything is a POST here
VERSION = "2023-09-26"  # without the header the version depends on when the application was registered
MAX_PAGE = 100
STUB = "is_stub"  # stands in a row of which a list could not tell more than its id
OLDEST_CREATED_FIRST = ({"field": "created_at", "order": "asc"},)
OLDEST_CHANGE_FIRST = ({"field": "updated_at", "order": "asc"},)


class FocusApi:
    """Calls in the manner of this API, on one connection."""

    def __init__(self, client: ApiClient, *, page_size: int = MAX_PAGE) -> None:
        self.client = client
        self.page_size = page_size

    @classmethod
    def of(cls, connector: Connector) -> FocusApi:
        """Return the calls of a connection with the page size from its settings."""
        wanted = int(connector.settings.get("page_size") or MAX_PAGE)
        return cls(connector.api, page_size=max(1, min(wanted, MAX_PAGE)))

    def post(self, method: str, body: JSONDict | None = None, *, is_create: bool = False) -> Answer:
        """Call a method such as "products.list". Methods without a body still ask for its content type."""
        headers = {"X-Api-Version": VERSION}
        if body is None:
            headers["Content-Type"] = "application/json"
        is_read = method.endswith(READS)
        return self.client.call("POST", f"/{method}", json=body, headers=headers, is_create=is_create, is_read=is_read)

    def data(self, method: str, body: JSONDict | None = None) -> Any:
        """Return what stands under "data" in the answer."""
        answer = self.post(method, body)
        if not isinstance(answer.body, dict) or "data" not in answer.body:
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{method}: no data in the answer")
        return answer.body["data"]

    def rows(
        self,
        resource: str,
        *,
        number: int = 1,
        size: int | None = None,
        where: Mapping[str, Any] | None = None,
        sort: Iterable[Mapping[str, str]] = (),
        stubs: bool = False,
    ) -> list[JSONDict]:
        """Return one page of a list; one that cannot be taken in at once is read in smaller ones.

        With `stubs` a row that cannot be taken in even by itself comes as {"id", "updated_at", STUB: True}; otherwise
        it raises, as what was not seen must not be taken for absent.
        """
        body: JSONDict = {"page": {"size": size or self.page_size, "number": number}}
        if where:
            body["filter"] = dict(where)
        if order := [dict(entry) for entry in sort]:
            body["sort"] = order
        try:
            return self._list(resource, body)
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
        return self._list_in_parts(resource, body, stubs=stubs)

    def _list(self, resource: str, body: JSONDict) -> list[JSONDict]:
        rows = self.data(f"{resource}.list", body)
        if not isinstance(rows, list):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{resource}.list: data is not a list")
        return rows

    def _list_in_parts(self, resource: str, body: JSONDict, *, stubs: bool) -> list[JSONDict]:
        ends: dict[int, str] = {}  # number of a row that a part ended with -> its id

        def page(number: int, size: int) -> list[JSONDict]:
            return self._list(resource, {**body, "page": {"size": size, "number": number}})

        def read(number: int, size: int) -> list[JSONDict]:
            rows, before = page(number, size), (number - 1) * size
            if before in ends and page(before, 1)[0]["id"] != ends[before]:  # a row went, and one was not seen
                raise ChangedMeanwhile(system=SYSTEM, detail=f"{resource}.list: rows moved up")
            if rows:
                ends[before + len(rows)] = rows[-1]["id"]
            return rows

        def instead(number: int, error: RemoteUnavailable) -> JSONDict:
            try:
                return page(number, 1)[0]  # once more: an answer may be spoilt on its way
            except RemoteUnavailable as again:
                found = first_fields(again.beginning, shape="{[{")
                if not stubs or not is_bad_answer(again) or not found.get("id"):
                    raise
                return {"id": found["id"], "updated_at": found.get("updated_at"), STUB: True}

        return read_in_parts(read, **body["page"], instead=instead)

    def count(self, resource: str, *, where: Mapping[str, Any] | None = None) -> Found:
        """Return how many rows a list has, as far as one page tells: totals are not given by every list."""
        rows = self.rows(resource, size=MAX_PAGE, where=where)
        return Found(len(rows), is_more=len(rows) >= MAX_PAGE)

    def pages(
        self, resource: str, *, where: Mapping[str, Any] | None = None, sort: Iterable[Mapping[str, str]] = ()
    ) -> Iterator[list[JSONDict]]:
        """Yield pages up to the first short one, or the first that repeats: not every list can be paged."""
        order, number, first = tuple(sort), 1, ""
        while True:
            rows = self.rows(resource, number=number, where=where, sort=order)
            if not rows or rows[0]["id"] == first:
                return
            yield rows
            if len(rows) < self.page_size:
                return
            number, first = number + 1, rows[0]["id"]

    def all(self, resource: str, *, where: Mapping[str, Any] | None = None) -> list[JSONDict]:
        """Return a whole reference list."""
        return [row for page in self.pages(resource, where=where) for row in page]

    def info(self, resource: str, record_id: str, *, includes: str = "") -> JSONDict:
        """Return one record in full. Raises NotFound."""
        body = {"id": record_id, "includes": includes} if includes else {"id": record_id}
        data = self.data(f"{resource}.info", body)
        if isinstance(data, list) and data:  # creditNotes.info is documented as a list of one
            data = data[0]
        if not isinstance(data, dict):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{resource}.info: no record")
        return data

    def infos(self, resource: str, ids: Iterable[str], *, includes: str = "") -> dict[str, JSONDict | RecordError]:
        """Return records in full, read side by side; one that cannot be read does not keep the others."""
        wanted = list(dict.fromkeys(ids))
        found = self.client.settle(lambda record_id: self.info(resource, record_id, includes=includes), wanted)
        read: dict[str, JSONDict | RecordError] = {}
        for record_id, outcome in zip(wanted, found, strict=True):
            if is_bad_answer(outcome):
                read[record_id] = self._again(resource, record_id, includes=includes)
                continue
            if isinstance(outcome, PermissionMissing):
                outcome = self._forbidden(resource, outcome, found=found, wanted=wanted)
            if isinstance(outcome, ApicenterError) and not isinstance(outcome, RecordError):
                raise outcome
            read[record_id] = outcome
        return read

    def _forbidden(
        self, resource: str, error: PermissionMissing, *, found: Sequence[object], wanted: Sequence[str]
    ) -> RecordError:
        """Return what a refused record is held with, if others may be read; else the right as a whole is missing."""
        if not any(isinstance(one, dict) for one in found):
            others = (row["id"] for row in self.rows(resource, stubs=True) if row["id"] not in wanted)
            if (other := next(others, None)) is None:
                raise error
            self.info(resource, other)
        return RecordError("record.forbidden", detail=error.detail, system=SYSTEM)

    def _again(self, resource: str, record_id: str, *, includes: str) -> JSONDict | RecordError:
        """Read a record whose answer could not be taken in once more; if that is the record's own fault (too large,
        no JSON), it must not keep the others, so while the system answers others well it is unreadable."""
        try:
            return self.info(resource, record_id, includes=includes)
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
            self.rows(resource, size=1, stubs=True)  # raises when no answer can be read at all: then it is the system
            return _too_large(error.detail)

    def by_ids(self, resource: str, ids: Iterable[str]) -> dict[str, JSONDict]:
        """Return list rows by id, a hundred to a call; the ones that no longer exist are missing."""
        return self._by_ids(resource, ids, stubs=False)

    def parts(self, resource: str, ids: Iterable[str]) -> dict[str, JSONDict | RecordError]:
        """Return list rows of what records consist of. One that cannot be taken in comes as an error: whatever needs
        it cannot be read, and does not keep the others."""
        rows = self._by_ids(resource, ids, stubs=True)
        return {key: _too_large() if row.get(STUB) else row for key, row in rows.items()}

    def _by_ids(self, resource: str, ids: Iterable[str], *, stubs: bool) -> dict[str, JSONDict]:
        wanted = list(dict.fromkeys(ids))
        batches = [wanted[start : start + MAX_PAGE] for start in range(0, len(wanted), MAX_PAGE)]
        answers = self.client.overlap(
            lambda batch: self.rows(resource, size=MAX_PAGE, where={"ids": batch}, stubs=stubs), batches
        )
        asked = set(wanted)  # a filter the API does not know is ignored, and every row comes back
        return {row["id"]: row for rows in answers for row in rows if row["id"] in asked}


def _too_large(detail: str = "") -> RecordError:
    what = _("its answer is too large or not JSON; once it is shorter there, it is read again")
    return unreadable(what, detail=detail)


def readable(rows: Iterable[JSONDict | RecordError]) -> list[JSONDict]:
    """Return what could be read."""
    return [row for row in rows if not isinstance(row, RecordError)]


def problem_of(parts: Iterable[JSONDict | RecordError | None]) -> RecordError | None:
    """Return why something that consists of these cannot be read; what is gone is no reason."""
    errors = (part for part in parts if isinstance(part, RecordError) and not isinstance(part, NotFound))
    return next(errors, None)


class FocusSource(Source):
    """A source of this API."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.focus = FocusApi.of(connector)
        self._categories: dict[str, str | None] = {}

    def product_categories(self, product_keys: Sequence[str]) -> Mapping[str, str]:
        """Lists of products do not tell their category, so each product is read, once per piece of work."""
        infos = self.focus.infos("products", [key for key in product_keys if key not in self._categories])
        for key, row in infos.items():
            self._categories[key] = None if isinstance(row, RecordError) else read_id(row.get("product_category"))
        return {key: found for key in product_keys if (found := self._categories.get(key))}

    @classmethod
    def url(cls, raw: JSONDict) -> str:
        """The API names the page of an invoice, a deal, a company and a contact, but not that of a product."""
        parts = (raw.get(name) for name in ("invoice", "deal", "company", "contact"))
        return next((part["web_url"] for part in parts if isinstance(part, dict) and part.get("web_url")), "")


class FocusTarget(Target):
    """A target of this API."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.focus = FocusApi.of(connector)
