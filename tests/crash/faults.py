"""The faults of the matrix, one after the other: what strikes, how often, on which ground."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.crash import control, migrating, processes
from tests.crash.grounds import Embedded
from tests.crash.stage import SYSTEMS, Stage
from tests.crash.wire import BreakingWire

EMBEDDED, SERVICES = "embedded", "services"
ORDERS = 14  # of the seeded company's 47
AN_HOUR = 3_600.0
GONE_SECONDS = 4.0
LATE_SECONDS = 3.5  # below the quiet time of a create without an answer, and well above what a look-up takes


@dataclass(frozen=True)
class Fault:
    """One line of the table.

    `short` names the grounds on which it is part of the short form, `says` what the run must say of it, and `without`
    the protections of tests/crash/unprotected.py without which its books must not agree.
    """

    name: str
    strike: Callable[[Stage], None]
    grounds: tuple[str, ...] = (EMBEDDED, SERVICES)
    short: tuple[str, ...] = ()
    kind: str = "orders"
    says: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def nothing(stage: Stage) -> None:
    stage.strikes = 1


def kill_engine(stage: Stage) -> None:
    stage.strike(4, (0.8, 2.0), lambda: _again(stage.worker))


def kill_children(stage: Stage) -> None:
    stage.strike(6, (0.5, 1.5), lambda: stage.worker.kill_child(stage.random))


def kill_beat(stage: Stage) -> None:
    def kill() -> None:
        stage.engine["beat"].kill()
        stage.watch(6)  # longer than its own rhythm
        stage.engine["beat"].start()

    stage.strike(2, (0.5, 1.5), kill)


def empty_redis(stage: Stage) -> None:
    stage.strike(5, (0.5, 1.5), stage.services.flush_redis)


def restart_redis(stage: Stage) -> None:
    def restart() -> None:
        stage.services.redis.kill()
        stage.watch(3)
        stage.services.start_redis()

    stage.strike(2, (1.0, 2.0), restart)


def end_connections(stage: Stage) -> None:
    stage.strike(6, (0.4, 1.2), stage.services.end_connections)


def restart_postgresql(stage: Stage) -> None:
    def restart() -> None:
        with stage.services.gone():
            time.sleep(GONE_SECONDS)  # nothing can be looked at meanwhile

    stage.strike(2, (1.0, 2.0), restart)


def kill_web(stage: Stage) -> None:
    def kill() -> None:
        stage.web.kill()
        stage.watch(1)
        stage.start_web()

    stage.strike(3, (0.5, 1.5), kill)


def kill_serve(stage: Stage) -> None:
    """Pages, the other system and the dispatcher are one process, as `manage.py serve` starts them; it alone works."""
    stage.kill_engine()
    stage.web.kill()
    own = {"SANDBOX_URL": stage.url, "CONTROL_FOLDER": str(stage.folder)}
    served = processes.serve(stage.environment(**own), stage.folder / "serve.log", stage.port)
    stage.engine = {"worker": served}
    stage.start_engine()
    stage.strike(4, (3.0, 5.0), lambda: _again(served))


def deploy(stage: Stage) -> None:
    def roll_out() -> None:
        stage.worker.end()
        stage.worker.start()

    stage.strike(3, (0.8, 1.5), roll_out)


def migrate(stage: Stage) -> None:
    stage.strike(2, (0.6, 1.2), lambda: migrating.widen(stage))


def storm(stage: Stage) -> None:
    """All at once, and one in a hundred connections is reset under a call or an answer."""
    with BreakingWire(stage.port, 0.01, stage.random) as wire:
        stage.set_faults(
            seed=stage.random.randint(1, 99), lost_rate=0.02, error_rate=0.02, limited_rate=0.05, late_rate=0.02,
            late_seconds=LATE_SECONDS,
        )  # fmt: skip
        stage.replace_engine(SANDBOX_URL=f"http://127.0.0.1:{wire.port}/sandbox")
        stage.watch(PATIENCE_OF_STORM)
        stage.strikes = 1


PATIENCE_OF_STORM = 300.0


def limited(stage: Stage) -> None:
    stage.watch(0.5)
    with _fault(stage, *SYSTEMS, limited_rate=0.5):
        stage.watch_until_told("remote.rate_limited")
        stage.watch(6)


def lost_answers(stage: Stage) -> None:
    stage.set_faults("visma_net", seed=3, lost_rate=0.3, late_rate=0.2, late_seconds=LATE_SECONDS)
    stage.strikes = 1


def hanging(stage: Stage) -> None:
    stage.watch(1)
    with _fault(stage, "visma_net", latency_ms=8_000):  # longer than a call may take
        stage.watch_until_told("remote.unavailable")


def down(stage: Stage) -> None:
    stage.watch(1)
    with _fault(stage, "visma_net", down=True):
        stage.watch_until_told("remote.unavailable")


def expired(stage: Stage) -> None:
    # A token that dies as soon as it is given counts as an authorisation that is gone, hence the pauses.
    stage.strike(3, (3.0, 3.0), lambda: stage.set_faults(expire_tokens=True))


def wrong_address(address: str) -> Callable[[Stage], None]:
    def strike(stage: Stage) -> None:
        stage.watch(1)
        stage.replace_engine(SANDBOX_URL=address.format(port=stage.port))
        stage.watch_until_told("remote.unavailable")
        stage.replace_engine()
        stage.strikes = 1

    return strike


def clock_ahead(stage: Stage) -> None:
    """The clock of whoever works jumps, and stays there, while creates are under way that nobody has an answer to."""
    stage.set_faults("visma_net", seed=3, late_rate=0.5, late_seconds=LATE_SECONDS)
    stage.wait_for_unknown()
    stage.set_clock(AN_HOUR)
    stage.strikes = 1


def clock_ahead_and_back(stage: Stage) -> None:
    """It jumps twice: everything that waits was put off by a clock that was an hour ahead."""
    clock_ahead(stage)
    stage.watch(4)
    stage.set_clock(0)
    stage.strikes = 2


def full_disk(stage: Stage) -> None:
    stage.watch(0.6)
    full = _full_sqlite if isinstance(stage.ground, Embedded) else _full_postgresql
    with full(stage):
        stage.watch_until_told("database.full")
    stage.strikes = 1


@contextmanager
def _full_sqlite(stage: Stage) -> Iterator[None]:
    flag = stage.folder / control.FULL
    flag.touch()
    try:
        yield
    finally:
        flag.unlink()


@contextmanager
def _full_postgresql(stage: Stage) -> Iterator[None]:
    """The log's table says what PostgreSQL says when it finds no room, with its code."""
    body = "RAISE EXCEPTION 'could not extend file \"base/1/1\": No space left on device' USING ERRCODE = '53100'"
    with stage.services.as_owner() as owner:
        owner.execute(f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
        owner.execute("CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON flows_runrecord EXECUTE FUNCTION no_room()")
        try:
            yield
        finally:
            owner.execute("DROP TRIGGER full_disk ON flows_runrecord")


@contextmanager
def _fault(stage: Stage, *systems: str, **values: object) -> Iterator[None]:
    stage.set_faults(*systems, **values)
    yield
    stage.set_faults(*systems, **dict.fromkeys(values, 0))
    stage.strikes = 1


def _again(process: processes.Process) -> None:
    process.kill()
    process.start()


FAULTS = (
    Fault("none", nothing, without=("lease",)),
    Fault("worker killed", kill_engine, short=(EMBEDDED,)),
    Fault("children of the pool killed", kill_children, grounds=(SERVICES,)),
    Fault("beat killed, gone for 6 s", kill_beat, grounds=(SERVICES,)),
    Fault("`manage.py serve` killed", kill_serve, grounds=(EMBEDDED,)),
    Fault("other system's server killed", kill_web),
    Fault("Redis emptied", empty_redis, grounds=(SERVICES,)),
    Fault("Redis killed, empty again 3 s later", restart_redis, grounds=(SERVICES,)),
    Fault("every PostgreSQL connection ended", end_connections, grounds=(SERVICES,), short=(SERVICES,)),
    Fault("PostgreSQL gone for 4 s, as in a restart", restart_postgresql, grounds=(SERVICES,)),
    Fault("migration while jobs wait and work", migrate),
    Fault("deploy: graceful stop", deploy),
    Fault("2 % lost, 2 % late, 2 % 500, 1 % reset, 5 % 429", storm),
    Fault("the same, invoices and credit notes", storm, kind="invoices"),
    Fault("half of all calls 429 for 6 s", limited, says=("remote.rate_limited",)),
    Fault("30 % lost, 20 % late answers", lost_answers, without=("look-up", "quiet time")),
    Fault("other system hangs", hanging, says=("remote.unavailable",)),
    Fault("other system down", down, says=("remote.unavailable",)),
    Fault("tokens expire", expired),
    Fault("name not resolved", wrong_address("http://nowhere.invalid/sandbox"), says=("remote.unavailable",)),
    Fault("no TLS", wrong_address("https://127.0.0.1:{port}/sandbox"), says=("remote.unavailable",)),
    Fault("clock an hour ahead, 50 % late answers", clock_ahead, without=("doubt",)),
    Fault("clock an hour ahead and back, 50 % late answers", clock_ahead_and_back, without=("mending",)),
    Fault("disk full", full_disk, short=(EMBEDDED,), says=("database.full",), without=("word",)),
)
