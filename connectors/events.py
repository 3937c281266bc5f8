"""What a system tells by itself: that something changed. A delivery is a hint, and nothing in it is taken over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from connectors.base import Connector


@dataclass(frozen=True, slots=True)
class Hint:
    """Which record to read again: `key` as the source of this `kind` fetches it.

    Without a key: read what changed lately. Without a kind: in every source.
    """

    event: str
    kind: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was posted to a connection's address, and what is known about the connection."""

    body: bytes
    headers: Mapping[str, str]  # lower-case names
    account_id: str  # whom the connection reaches
    secret: str = ""  # shared with the system, where it signs


class NotForUs(Exception):
    """A delivery that is set aside; `code` is a cause."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Webhooks(ABC):
    """How a system announces changes. Nothing depends on it: what it does not tell is found by reading."""

    kinds: ClassVar[frozenset[str]]  # sources whose changes it announces
    can_register: ClassVar[bool] = True  # otherwise somebody enters the address in the system's own pages
    secret_field: ClassVar[str] = ""  # where the connection's secrets hold what its deliveries are signed with

    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    @classmethod
    @abstractmethod
    def read(cls, delivery: Delivery) -> list[Hint]:
        """Return what a delivery points at, nothing for what cannot be read. Raises NotForUs. Pure."""

    def register(self, url: str, kinds: Iterable[str]) -> None:
        """Have exactly the changes of these sources announced to this address; doing it twice is harmless.

        Raises Rejected, RetryableError, FlowError.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot be registered.")

    def unregister(self, url: str) -> None:
        """End all deliveries to this address."""
        raise NotImplementedError(f"{type(self).__name__} cannot be registered.")
