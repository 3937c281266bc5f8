"""Recorded records, and a few lines that answer calls from them; every call is held against the vendor's contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import respx

from connectors.http import Answer, ApiClient, StaticAuth, Unlimited
from connectors.teamleader.connector import Teamleader
from connectors.teamleader.dialect import FocusDialect
from tests.connectors.sandbox.contract import check_request, check_response

HERE = Path(__file__).parent
URL = "https://focus.test"
Rows = list[dict[str, Any]]


def uid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def recorded(kind: str, /, **changes: Any) -> dict[str, Any]:
    """A recorded record with other values for some of its fields."""
    return {**json.loads((HERE / f"{kind}.json").read_text(), parse_float=Decimal), **changes}


class CheckedClient(ApiClient):
    """Holds every call and answer against the contract."""

    def call(self, method: str, path: str, *, json: Any = None, **more: Any) -> Answer:
        check_request("teamleader", method, path, query={}, body=json)
        answer = super().call(method, path, json=json, **more)
        check_response("teamleader", method, path, status=answer.status, headers=answer.headers, body=answer.body)
        return answer


def make_client(
    url: str = URL, token: str = "t", *, client: type[ApiClient] = CheckedClient, **options: Any
) -> ApiClient:
    return client(
        system="Teamleader Focus",
        hosts={"api": url},
        auth=StaticAuth(token),
        budget=Unlimited(),
        dialect=FocusDialect(),
        **options,
    )


def make_connector(**settings: Any) -> Teamleader:
    return Teamleader(make_client(), settings)


class FakeFocus:
    """Lists and records of one account. `calls` holds what was asked for, in order."""

    def __init__(self, mock: respx.Router) -> None:
        self.things: dict[str, Rows] = {}
        self.answers: dict[str, Callable[[dict[str, Any]], httpx.Response]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        mock.post(url__startswith=URL).mock(side_effect=self._answer)

    def methods(self) -> list[str]:
        return [method for method, _body in self.calls]

    def bodies(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.strip("/")
        body = json.loads(request.content) if request.content else {}
        assert request.headers["X-Api-Version"] == "2023-09-26"
        assert request.headers["Content-Type"].startswith("application/json")
        self.calls.append((method, body))
        if method in self.answers:
            return self.answers[method](body)
        resource, _, action = method.partition(".")
        rows = deepcopy(self.things.get(resource, []))
        if action == "info":
            found = [row for row in rows if row["id"] == body["id"]]
            return reply({"data": found[0]}) if found else refusal(404, "not found")
        return reply({"data": _page(rows, body)})


def _page(rows: Rows, body: dict[str, Any]) -> Rows:
    where, page = body.get("filter", {}), body.get("page", {"size": 20, "number": 1})
    rows = [row for row in rows if "ids" not in where or row["id"] in where["ids"]]
    if since := where.get("updated_since"):
        rows = [row for row in rows if row["updated_at"] >= since]
    if term := where.get("term"):
        rows = [row for row in rows if term.lower() in f"{row.get('code')} {row.get('name')}".lower()]
    for order in body.get("sort", ()):
        rows.sort(key=lambda row: row.get(order["field"]) or "")
    start = (page["number"] - 1) * page["size"]
    return rows[start : start + page["size"]]


def reply(body: Any, status: int = 200) -> httpx.Response:
    content = json.dumps(body, default=float) if body is not None else ""
    headers = {
        "Content-Type": "application/json",
        "X-RateLimit-Limit": "200",
        "X-RateLimit-Remaining": "199",
        "X-RateLimit-Reset": "2026-02-08T11:09:08+00:00",
    }
    return httpx.Response(status, content=content, headers=headers)


def refusal(status: int, *titles: str, field: str = "") -> httpx.Response:
    meta = {"meta": {"field": field}} if field else {}
    return reply({"errors": [{"code": 0, "title": title, "status": status, **meta} for title in titles]}, status)
