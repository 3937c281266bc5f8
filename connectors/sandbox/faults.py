"""What goes wrong on purpose: slow, refused, lost and late answers, drawn from a seed so that a run can be repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.models import Account

GATEWAY_TIMEOUT = (
    "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n"
    "<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n"
)
LIMITED_FOR = timedelta(seconds=2)  # how long a 429 by chance says to wait
_READS = (".list", ".info", ".me", "-status", ".exchangeRates")


class Faults(BaseModel):
    """Faults of one account; all off by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 1
    draws: int = 0  # calls drawn for since the faults were set: makes the next draw differ, and a repeat equal
    latency_ms: int = Field(0, ge=0, le=60_000)
    error_rate: float = Field(0, ge=0, le=1)  # 500 before anything happens
    lost_rate: float = Field(0, ge=0, le=1)  # done and committed, but the caller reads 504
    late_rate: float = Field(0, ge=0, le=1)  # 504 at once, done `late_seconds` afterwards
    late_seconds: float = Field(2, ge=0, le=600)
    limited_rate: float = Field(0, ge=0, le=1)  # 429 though there is budget
    only: tuple[str, ...] = ()  # parts of paths; empty: lost and late hit writes, the rest hits every call
    expire_tokens: bool = False  # an order rather than a state: voids the access tokens there are
    revoke: bool = False  # refresh tokens answer invalid_grant
    down: bool = False

    @classmethod
    def of(cls, account: Account) -> Faults:
        return cls(**account.faults)

    @property
    def has_rates(self) -> bool:
        return any((self.error_rate, self.lost_rate, self.late_rate, self.limited_rate))


@dataclass(frozen=True)
class Fate:
    """What was drawn for one call."""

    is_limited: bool = False
    is_error: bool = False
    is_late: bool = False
    is_lost: bool = False


def is_write(method: str, path: str) -> bool:
    """Whether a call changes something; Teamleader reads by POST, so its method names decide there."""
    return method != "GET" and not path.endswith(_READS)


def draw(account: Account, faults: Faults, *, method: str, path: str) -> Fate:
    """Draw the fate of one call. The caller holds the account's row."""
    if not faults.has_rates:
        return Fate()
    account.faults = {**account.faults, "draws": faults.draws + 1}
    account.save(update_fields=["faults"])
    random = Random(f"{faults.seed}:{faults.draws}")  # noqa: S311 - chance, not secrecy
    limited, error, late, lost = (random.random() for _ in range(4))
    is_hit = any(part in path for part in faults.only) if faults.only else True
    is_written = is_hit and (bool(faults.only) or is_write(method, path))
    return Fate(
        is_limited=is_hit and limited < faults.limited_rate,
        is_error=is_hit and error < faults.error_rate,
        is_late=is_written and late < faults.late_rate,
        is_lost=is_written and lost < faults.lost_rate,
    )


_late: set[threading.Timer] = set()


def do_later(seconds: float, work: Callable[[], None]) -> None:
    """Run `work` in a thread of its own after `seconds`."""

    def run() -> None:
        try:
            work()
        finally:
            _late.discard(timer)

    timer = threading.Timer(seconds, run)
    timer.daemon = True
    _late.add(timer)
    timer.start()


def wait_for_late() -> None:
    """Return when every change that was answered before it happened has happened."""
    for timer in list(_late):
        timer.join()
