"""A wire that breaks: passes bytes on to a server, and now and then resets the connection under an answer or a call."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import suppress
from random import Random
from types import TracebackType

CHUNK = 65_536
RESET_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


class BreakingWire:
    """Listens on a port of its own. Of the calls, and of the answers, the share `rate` is cut off by a reset."""

    def __init__(self, port: int, rate: float, random: Random) -> None:
        self._target, self._rate, self._random = port, rate, random
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.breaks = 0

    def __enter__(self) -> BreakingWire:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._join, args=[near], daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        with suppress(OSError), near, far:  # one thread for both directions: a close resets only what nobody reads from
            while self._passed(near, far):
                pass

    def _passed(self, near: socket.socket, far: socket.socket) -> bool:
        """Pass on what has come. False when the connection is over."""
        for source in select.select([near, far], [], [])[0]:
            data = source.recv(CHUNK)
            if data and self._random.random() < self._rate:
                self.breaks += 1
                for end in (near, far):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                return False
            if not data:
                return False
            (far if source is near else near).sendall(data)
        return True
