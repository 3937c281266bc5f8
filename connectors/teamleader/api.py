"""What all calls of this API share: POST for everything, a pinned version, pages by number, ids in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apicenter.errors import ApicenterError, RecordError, RemoteUnavailable
from connectors.base import Connector, Source, Target
from connectors.core import JSONDict
from connectors.http import Answer, ApiClient
from connectors.teamleader.read_values import SYSTEM

READS = (".list", ".info", ".me")  # everything is a POST here
VERSION = "2023-09-26"  # without the header the version depends on when the application was registered
MAX_PAGE = 100
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
    ) -> list[JSONDict]:
        """Return one page of a list."""
        body: JSONDict = {"page": {"size": size or self.page_size, "number": number}}
        if where:
            body["filter"] = dict(where)
        if order := [dict(entry) for entry in sort]:
            body["sort"] = order
        rows = self.data(f"{resource}.list", body)
        if not isinstance(rows, list):
            raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail=f"{resource}.list: data is not a list")
        return rows

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
            if isinstance(outcome, ApicenterError) and not isinstance(outcome, RecordError):
                raise outcome
            read[record_id] = outcome
        return read

    def by_ids(self, resource: str, ids: Iterable[str]) -> dict[str, JSONDict]:
        """Return list rows by id, a hundred to a call; the ones that no longer exist are missing."""
        wanted = list(dict.fromkeys(ids))
        batches = [wanted[start : start + MAX_PAGE] for start in range(0, len(wanted), MAX_PAGE)]
        answers = self.client.overlap(lambda batch: self.rows(resource, size=MAX_PAGE, where={"ids": batch}), batches)
        asked = set(wanted)  # a filter the API does not know is ignored, and every row comes back
        return {row["id"]: row for rows in answers for row in rows if row["id"] in asked}


class FocusSource(Source):
    """A source of this API."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.focus = FocusApi.of(connector)


class FocusTarget(Target):
    """A target of this API."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self.focus = FocusApi.of(connector)
