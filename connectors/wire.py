"""Sockets that obey a deadline for the whole call.

The timeouts of an HTTP client count per read: a peer that drips a byte now and then holds such a call for ever.
Here every connect, read and write gets what is left until the deadline of the present thread.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import httpcore
import httpx

CONNECT_SECONDS = 5.0
_local = threading.local()


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Making one costs 45 ms, so a process has one."""
    return httpx.create_ssl_context()


def set_deadline(seconds: float) -> None:
    """Start the clock of this thread's present call."""
    _local.ends_at = time.monotonic() + seconds


def seconds_left() -> float:
    return float(getattr(_local, "ends_at", 0.0)) - time.monotonic()


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the call they belong to."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = seconds_left()
        if left <= 0:
            raise httpcore.ReadTimeout
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = seconds_left()
        if left <= 0:
            raise httpcore.WriteTimeout
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _connect_seconds()))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class TimedBackend(httpcore.SyncBackend):
    """Opens connections that obey the deadline."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _TimedStream(super().connect_tcp(host, port, _connect_seconds(), local_address, socket_options))


def _connect_seconds() -> float:
    left = seconds_left()
    if left <= 0:
        raise httpcore.ConnectTimeout
    return min(CONNECT_SECONDS, left)


class NoAnswer(Exception):
    """A post got no answer; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class _PinnedBackend(TimedBackend):
    """Connects to the one address that was checked, whatever the host's name means by now."""

    def __init__(self, address: str) -> None:
        self._address = address

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return super().connect_tcp(self._address, port, timeout, local_address, socket_options)


def post_pinned(
    url: str, body: bytes, headers: Mapping[str, str], *, address: str, seconds: float, cap: int
) -> tuple[int, str]:
    """Post to a host at this address only; the certificate is still checked against the host's name.

    Returns the status and the beginning of the answer, at most `cap` bytes; a redirect is an answer like any other.
    Raises NoAnswer.
    """
    set_deadline(seconds)
    pool = httpcore.ConnectionPool(ssl_context=tls(), network_backend=_PinnedBackend(address), max_connections=1)
    try:
        with pool, pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
            text = b""
            for chunk in response.iter_stream():
                text = (text + chunk)[:cap]
                if len(text) >= cap:
                    break
            return response.status, text.decode("utf-8", errors="replace")
    except httpcore.TimeoutException as error:
        raise NoAnswer("answer.late") from error
    except httpcore.ConnectError as error:
        raise NoAnswer("connect.tls" if "certificate" in str(error).lower() else "connect.failed") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise NoAnswer("answer.broken") from error
