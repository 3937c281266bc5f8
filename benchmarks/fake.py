"""Both systems as far as a products flow needs them, in a process of its own and fast enough not to be measured.

Calls are counted by path. `/_counts`, `/_moments`, `/_reset`, `/_change` and
`/_limit` are for the benchmarks and are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from benchmarks.items import CLASSES, UNITS, VAT_CATEGORIES, Catalog

WINDOW_SECONDS = 60.0
UNLIMITED = 1_000_000
REASONS = {200: b"OK", 201: b"Created", 204: b"No Content", 404: b"Not Found", 429: b"Too Many Requests"}
DEPARTMENT = {"id": "d1", "name": "Main", "currency": "EUR", "status": "active"}
TEAMLEADER_LISTS: dict[str, list[dict[str, Any]]] = {
    "departments.list": [DEPARTMENT],
    "taxRates.list": [
        {"id": f"tax-{code}", "description": f"{code} %", "rate": int(code) / 100, "department": {"id": "d1"}}
        for code in VAT_CATEGORIES
    ],
    "unitsOfMeasure.list": [{"id": f"unit-{code}", "name": code} for code in UNITS],
    "productCategories.list": [{"id": f"category-{code}", "name": code} for code in CLASSES],
}
TOKEN = {"access_token": "access", "refresh_token": "refresh", "token_type": "Bearer", "expires_in": 3600}
VISMA_LISTS: dict[str, list[dict[str, Any]]] = {
    "/v1/organization": [{"organizationId": 1, "organizationCd": "1", "name": "Bench", "baseCurrency": "EUR"}],
    "/v1/vatCategory": [
        {
            "vatCategoryId": code,
            "description": f"{code} %",
            "active": True,
            "vatCategoryLines": [{"vatRates": [{"vatRate": int(code), "startDate": "2000-01-01"}]}],
        }
        for code in VAT_CATEGORIES
    ],
    "/v1/unitofmeasure": [{"fromUnit": code, "toUnit": code} for code in UNITS],
    "/v1/inventory/itemClass": [
        {"id": code, "description": code, "type": "FinishedGoodItem", "metadata": {"totalCount": len(CLASSES)}}
        for code in CLASSES
    ],
    "/v1/branch": [{"number": "1", "name": "Main", "currency": {"id": "EUR"}}],
    "/v1/customer": [{"number": "1", "name": "Somebody"}],
}


class Limit:
    """So many calls per sliding 60 seconds."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.taken: deque[float] = deque()

    def take(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - WINDOW_SECONDS:
            self.taken.popleft()
        if len(self.taken) >= self.calls:
            return False
        self.taken.append(now)
        return True

    def headers(self, now: float) -> bytes:
        reset_at = datetime.fromtimestamp((self.taken[0] if self.taken else now) + WINDOW_SECONDS, UTC)
        return (
            f"X-RateLimit-Limit: {self.calls}\r\nX-RateLimit-Remaining: {self.calls - len(self.taken)}\r\n"
            f"X-RateLimit-Reset: {reset_at.isoformat(timespec='milliseconds')}\r\n"
        ).encode()


class Systems:
    """What both systems hold and how often they were called."""

    def __init__(self, *, products: int, latency: float) -> None:
        self.catalog = Catalog(products)
        self.latency = latency
        self.limit = Limit(UNLIMITED)
        self.added: list[tuple[str, bytes]] = []
        self.counts: Counter[str] = Counter()
        self.moments: list[float] = []  # of the calls the limit let pass

    def answer(self, path: str, query: str, body: bytes) -> tuple[int, bytes, bytes]:
        """Return status, extra headers and body."""
        if path.startswith("/_"):
            return 200, b"", self._control(path, dict(parse_qsl(query)))
        if path in {"/oauth2/access_token", "/connect/token"}:
            self.counts[path] += 1
            return 200, b"", json.dumps(TOKEN).encode()
        if path.startswith(("/v1/", "/api/v3/")):
            self.counts[path] += 1
            return 200, b"", self._visma_net(path, dict(parse_qsl(query)))
        return self._limited(path.removeprefix("/"), body)

    def _limited(self, method: str, body: bytes) -> tuple[int, bytes, bytes]:
        now = time.time()
        if not self.limit.take(now):
            self.counts["429"] += 1
            return 429, self.limit.headers(now), b'{"errors":[{"title":"Too many requests"}]}'
        self.counts[method] += 1
        self.moments.append(now)
        status, answer = self._teamleader(method, body)
        return status, self.limit.headers(now), answer

    def _teamleader(self, method: str, body: bytes) -> tuple[int, bytes]:
        if method == "products.add":
            product_id = str(uuid.UUID(int=len(self.added) + 1))
            self.added.append((product_id, body))
            return 201, b'{"data":{"type":"product","id":"%s"}}' % product_id.encode()
        if method == "products.update":
            return 204, b""
        if method == "products.list":
            return 200, self._products(json.loads(body)["page"])
        if method == "users.me":
            return 200, b'{"data":{"id":"u1","email":"bench@example.com","account":{"type":"account","id":"a1"}}}'
        return 200, json.dumps({"data": TEAMLEADER_LISTS.get(method, [])}).encode()

    def _products(self, page: dict[str, int]) -> bytes:
        start = (page["number"] - 1) * page["size"]
        rows = [
            {"id": product_id, **{name: sent.get(name) for name in ("code", "name")}}
            for product_id, body in self.added[start : start + page["size"]]
            for sent in (json.loads(body),)
        ]
        return json.dumps({"data": rows}).encode()

    def _visma_net(self, path: str, query: dict[str, str]) -> bytes:
        if path == "/v1/inventory":
            number, size = int(query["pageNumber"]), int(query["pageSize"])
            return self.catalog.page(number=number, size=size, since=query.get("lastModifiedDateTime", ""))
        return json.dumps(VISMA_LISTS.get(path, [])).encode()

    def _control(self, path: str, query: dict[str, str]) -> bytes:
        if path == "/_change":
            self.catalog.change(int(query["count"]))
        elif path == "/_limit":
            self.limit = Limit(int(query["calls"]))
        elif path == "/_reset":
            self.counts.clear()
            self.moments.clear()
        return json.dumps(self.moments if path == "/_moments" else self.counts).encode()


class Peer(asyncio.Protocol):
    """One kept-alive connection; requests come one after the other."""

    def __init__(self, systems: Systems) -> None:
        self._systems = systems
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _content_length(self._buffer[:end])
            if len(self._buffer) < end + 4 + length:
                return
            line = self._buffer[: self._buffer.index(b"\r\n")].decode()
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self._serve(line.split(" ")[1], body)

    def _serve(self, url: str, body: bytes) -> None:
        path, _, query = url.partition("?")
        status, headers, answer = self._systems.answer(path, query, body)
        head = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (
            status, REASONS[status], headers, len(answer),
        )  # fmt: skip
        if self._systems.latency and not path.startswith("/_"):
            asyncio.get_running_loop().call_later(self._systems.latency, self._transport.write, head + answer)
        else:
            self._transport.write(head + answer)


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def serve(systems: Systems, *, say: Callable[[int], None]) -> None:
    """Serve on a free port of this machine until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Peer(systems), "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0, help="seconds before each answer")
    given = parser.parse_args()
    systems = Systems(products=given.products, latency=given.latency)
    asyncio.run(serve(systems, say=lambda port: print(port, flush=True)))


if __name__ == "__main__":
    main()
