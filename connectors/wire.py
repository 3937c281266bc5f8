"""Sockets that obey a deadline for the whole call.

The timeouts of an HTTP client count per read: a peer that drips a byte now and then holds such a call for ever.
Here every connect, read and write gets what is left until the deadline of the present thread.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

CONNECT_SECONDS = 5.0
_local = threading.local()


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
