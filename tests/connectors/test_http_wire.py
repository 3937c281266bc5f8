from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from apicenter.errors import (
    OutcomeUnknown,
    RemoteUnavailable,
)
from connectors.transport import close_idle_connections
from tests.connectors.http_client import make_client


class Peer:
    """A server whose every connection is handled by the test's own function."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._behave = behave
        self._threads = [threading.Thread(target=self._accept)]
        self.connections = 0
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._handle, args=(peer,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, peer: socket.socket) -> None:
        with closing(peer):
            try:
                self._behave(peer)
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Peer]]:
    peers: list[Peer] = []

    def start(behave: Callable[[socket.socket], None]) -> Peer:
        peers.append(Peer(behave))
        return peers[-1]

    yield start
    close_idle_connections()
    for peer in peers:
        peer.close()


def answer_json(peer: socket.socket) -> None:
    while peer.recv(65536):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def drip(head: bytes) -> Callable[[socket.socket], None]:
    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(head)
        for _ in range(40):
            peer.sendall(b"x")
            time.sleep(0.05)

    return behave


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_a_dripping_answer_ends_at_the_deadline(serve: Any, head: bytes):
    api = make_client(serve(drip(head)).url, deadline_seconds=0.4)
    started = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        api.call("POST", "x", is_create=True)

    assert 0.3 < time.monotonic() - started < 0.8


def test_a_reset_leaves_a_create_unknown_and_a_read_to_try_again(serve: Any):
    api = make_client(serve(lambda peer: peer.recv(10)).url)

    with pytest.raises(OutcomeUnknown):
        api.call("POST", "x", json={"a": 1}, is_create=True)
    with pytest.raises(RemoteUnavailable):
        api.call("GET", "x")


def test_a_peer_that_is_not_there_was_surely_not_asked():
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    with pytest.raises(RemoteUnavailable) as caught:
        make_client(f"http://127.0.0.1:{port}").call("POST", "x", is_create=True)

    assert caught.value.detail == "ConnectError"


def test_a_peer_without_tls_was_surely_not_asked(serve: Any):
    url = serve(lambda peer: peer.sendall(b"plain text")).url.replace("http:", "https:")

    with pytest.raises(RemoteUnavailable):
        make_client(url).call("POST", "x", is_create=True)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_over_the_cap_is_not_taken_in(serve: Any, encoding: str):
    big = b"[" + b"1," * 15_000_000 + b"1]"
    body = gzip.compress(big, 1, mtime=0) if encoding == "gzip" else big
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"

    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(head.encode() + body)

    with pytest.raises(RemoteUnavailable) as caught:
        make_client(serve(behave).url).call("GET", "x")

    assert caught.value.code == "remote.bad_answer"


PACKED = gzip.compress(json.dumps({"a": "x" * 1000}).encode(), mtime=0)


def pack(body: bytes) -> Callable[[socket.socket], None]:
    def behave(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return behave


def test_reads_a_compressed_answer(serve: Any):
    assert make_client(serve(pack(PACKED)).url).call("GET", "x").body == {"a": "x" * 1000}


@pytest.mark.parametrize("body", [b"\x1f\x8bbroken", PACKED[:-9]])
def test_a_broken_compressed_answer_leaves_a_create_unknown(serve: Any, body: bytes):
    with pytest.raises(OutcomeUnknown):
        make_client(serve(pack(body)).url).call("POST", "x", is_create=True)


def test_connections_are_kept_for_the_next_client(serve: Any):
    peer = serve(answer_json)

    for _ in range(3):
        with make_client(peer.url) as api:
            api.call("GET", "x")

    assert peer.connections == 1
