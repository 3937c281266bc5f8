"""A connector whose calls end at respx: what it sends and what the tests answer is held against the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import respx

from connectors.http import ApiClient, StaticAuth, Unlimited
from connectors.visma_net.connector import VismaNet
from tests.connectors.sandbox.contract import check_request, check_response

API = "https://api.finance.visma.net"
ORDERS = "https://salesorder.visma.net"
RATE = {"X-RateLimit-Limit": "15000", "X-RateLimit-Remaining": "14000", "X-RateLimit-Reset": "600"}


def recorded(name: str, /, **changes: Any) -> dict[str, Any]:
    """Return a recorded record with a few values changed."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text()) | changes


def make_client() -> ApiClient:
    return ApiClient(
        system="Visma.net ERP",
        hosts={"api": API, "order": ORDERS},
        auth=StaticAuth("jwt-of-a-test"),
        budget=Unlimited(),
        dialect=VismaNet.dialect,
        threads=2,
    )


@contextmanager
def company(**settings: Any) -> Iterator[tuple[VismaNet, respx.MockRouter]]:
    """Yield a connector and its routes; afterwards every call and answer is checked."""
    settings = {"tenant_id": "0b6f3a52-6f5f-4f7e-9a53-0b1c7a3b9a11", "currency": "NOK"} | settings
    with make_client() as api, respx.mock() as routes:
        yield VismaNet(api, settings), routes
        for call in routes.calls:
            _check(call.request, call.response)


def reply(body: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=RATE | named, **({} if body is None else {"json": body}))


def counted(rows: list[dict[str, Any]], *, total: int | None = None, cap: int = 5000) -> list[dict[str, Any]]:
    """Return the rows of a list with the counters every one of them repeats."""
    return [row | {"metadata": {"totalCount": total or len(rows), "maxPageSize": cap}} for row in rows]


def sent_json(call: Any) -> Any:
    return json.loads(call.request.content)


def _check(request: httpx.Request, response: httpx.Response) -> None:
    query = dict(request.url.params.items())
    body = json.loads(request.content) if request.content else None
    path = request.url.path
    check_request("visma_net", request.method, path, query=query, body=body)
    answer = json.loads(response.content) if response.content else None
    check_response(
        "visma_net", request.method, path, status=response.status_code, headers=response.headers, body=answer
    )
