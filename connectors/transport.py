"""One request over a connection that is kept open, and what it is answered: up to a size, and as JSON if it is any."""

from __future__ import annotations

import os
from collections.abc import Mapping

import httpcore
import httpx

from connectors.answers import Answer
from connectors.payloads import Unreadable, beginning_of, decode, inflate, storable_text
from connectors.wire import TimedBackend, tls

SIZE_CAP = 20_000_000
NO_SUCCESS = 300  # from here on an answer need not be JSON: it says why in whatever form


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over sockets that obey a deadline; httpx offers no way to pass them in."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=30,
            network_backend=TimedBackend(),
        )


_idle: list[_Transport] = []  # open connections nobody uses just now; a transport serves one thread at a time


def _forget_after_fork() -> None:
    _idle.clear()  # the sockets belong to the parent
    tls.cache_clear()


os.register_at_fork(after_in_child=_forget_after_fork)


def close_idle_connections() -> None:
    """Close what is kept open for the next call."""
    while _idle:
        _idle.pop().close()


def exchange(request: httpx.Request) -> Answer:
    """Send a request and take in the answer. Raises httpx.TransportError, and Unreadable for a success that is none."""
    try:
        transport = _idle.pop()
    except IndexError:
        transport = _Transport()
    try:
        response = transport.handle_request(request)
        try:
            return _read(response)
        finally:
            response.close()
    finally:
        _idle.append(transport)


def _read(response: httpx.Response) -> Answer:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
    encoding = headers.get("content-encoding", "").lower()
    chunks, size = [], 0
    for chunk in response.stream:  # type: ignore[union-attr]
        size += len(chunk)
        chunks.append(chunk)
        if size > SIZE_CAP:
            raise Unreadable("too large", beginning_of(b"".join(chunks), encoding))
    raw = inflate(b"".join(chunks), encoding, cap=SIZE_CAP) if size else b""
    return _parse(response.status_code, headers, raw)


def _parse(status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
    if status < NO_SUCCESS:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable("not UTF-8") from error
        return Answer(status, headers, decode(text), text)
    text = storable_text(raw.decode("utf-8-sig", errors="replace"))
    try:
        return Answer(status, headers, decode(text), text)
    except Unreadable:
        return Answer(status, headers, None, text)
