"""HTTP calls side by side, with everything that touches the database on one thread.

The owner is the thread that waits in `Crew.run`. A crew thread that needs the database (more calls to spend, a new
token) hands the work to its owner with `on_owner` and waits; the owner sleeps on one inbox for both these requests
and the end of its crew. Outside a crew `on_owner` simply runs the work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

STOPPED = "The work was stopped."


class OwnerGone(RuntimeError):
    """The owner was interrupted while its crew still worked, so nobody can serve the request."""


@dataclass(slots=True)
class Outcome(Generic[R]):
    """What one function call came to."""

    value: R | None = None
    error: Exception | None = None

    def result(self) -> R:
        if self.error is not None:
            raise self.error
        return cast(R, self.value)


def _outcome(function: Callable[[], R]) -> Outcome[R]:
    try:
        return Outcome(function())
    except Exception as error:  # carried over to the thread that asked, which raises it
        return Outcome(error=error)


@dataclass(slots=True)
class _Request:
    function: Callable[[], Any]
    context: Context
    reply: SimpleQueue[Outcome[Any]] = field(default_factory=SimpleQueue)


class _Inbox:
    """What the owner waits for. `None` says that a crew thread has ended."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Request | None] = SimpleQueue()
        self._lock = threading.Lock()
        self.is_closed = False

    def ask(self, function: Callable[[], R]) -> R:
        request = _Request(function, copy_context())
        with self._lock:
            if self.is_closed:
                raise OwnerGone(STOPPED)
            self._queue.put(request)
        return cast(R, request.reply.get().result())

    def leave(self) -> None:
        self._queue.put(None)

    def serve(self, crew_size: int) -> None:
        while crew_size:
            request = self._queue.get()
            if request is None:
                crew_size -= 1
                continue
            outcome: Outcome[Any] = Outcome(error=OwnerGone(STOPPED))
            try:
                outcome = _outcome(partial(request.context.run, request.function))
            finally:  # an interrupt must not leave the asker waiting
                request.reply.put(outcome)

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
        while not self._queue.empty():
            request = self._queue.get()
            if request is not None:
                request.reply.put(Outcome(error=OwnerGone(STOPPED)))


_local = threading.local()


def on_owner(function: Callable[[], R]) -> R:
    """Run the function on the thread that may use the database, and return what it returns or raise what it raises."""
    inbox: _Inbox | None = getattr(_local, "inbox", None)
    return function() if inbox is None else inbox.ask(function)


class Crew:
    """A few threads for one `ApiClient`, started when first needed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._executor: ThreadPoolExecutor | None = None

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> list[Outcome[R]]:
        """Call the function with each item, side by side; the outcomes are in the order of the items."""
        rows = list(items)
        size = min(self._size, len(rows))
        if size <= 1 or getattr(_local, "inbox", None) is not None:  # a crew that waits for itself would never end
            return [_outcome(partial(function, row)) for row in rows]
        outcomes: list[Outcome[R]] = [Outcome(error=OwnerGone(STOPPED))] * len(rows)
        waiting = iter(range(len(rows)))
        inbox = _Inbox()

        def work() -> None:
            _local.inbox = inbox
            try:
                while not inbox.is_closed and (index := next(waiting, None)) is not None:
                    outcomes[index] = _outcome(partial(function, rows[index]))
            finally:
                _local.inbox = None
                inbox.leave()

        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._size, thread_name_prefix="calls")
        for _ in range(size):
            self._executor.submit(copy_context().run, work)
        try:
            inbox.serve(size)
        finally:
            inbox.close()
        return outcomes

    def close(self) -> None:
        """End the threads; calls on their way are waited for."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
