"""Connectors in memory, for tests of the engine: a source of products, and a target that fails when told to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apicenter.errors import ApicenterError, NotFound, RecordError
from apicenter.organizations.models import Organization
from connectors.base import (
    AccountInfo,
    AuthKind,
    AuthSpec,
    CheckResult,
    Connector,
    Existing,
    FieldInfo,
    KeyPage,
    Listed,
    Omitted,
    Option,
    Page,
    RateLimit,
    ReadRecord,
    Sent,
    Source,
    SourceRecord,
    Target,
    Unreadable,
    Window,
    Written,
)
from connectors.core import JSONDict, Money, Product
from connectors.maps import FieldMap, ResourceMap, When
from connectors.models import Connection, Lane
from flows.catalog.registry import flow_kind
from flows.engine import intake
from flows.engine.work import Work, compiled_maps, tables_of
from flows.models import Flow, Run
from flows.setup.creation import publish

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
PRODUCT_MAP = ResourceMap(
    fields=(
        FieldMap(target="code", source="sku", required=True),
        FieldMap(target="name", source="name"),
        FieldMap(target="price", source="price.amount"),
        FieldMap(target="text", source="long_text", when=When.ON_CREATE),
        FieldMap(target="vat", source="vat_code", table="vat"),
    )
)
TOUCH_MAP = ResourceMap(
    fields=(
        FieldMap(target="code", source="sku", required=True),
        FieldMap(target="name", source="name", when=When.IF_UNTOUCHED),
        FieldMap(target="text", source="long_text", when=When.IF_EMPTY),
    )
)


class Inline:
    """Stands in for ApiClient: the same order of results, no threads, no network."""

    def __init__(self) -> None:
        self.calls = 0
        self.memory: Any = None
        self.before_each: Callable[[], object] = lambda: None

    def overlap(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [function(item) for item in items]

    def settle(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [_settled(function, item) for item in items]


def _settled(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except ApicenterError as error:
        return error


class MemorySource(Source):
    kind = "products"
    title = "Products"
    page_size = 4

    def page(self, window: Window, position: Any | None) -> Page:
        rows = [one for one in self.connector.rows if window.since is None or _at(one) >= window.since]
        rows = [one for one in rows if window.until is None or _at(one) < window.until]
        start = position or 0
        found = rows[start : start + self.page_size]
        following = start + self.page_size if start + self.page_size < len(rows) else None
        return Page(tuple(self.read(raw) for raw in found), following, max((_at(raw) for raw in found), default=None))

    def read(self, raw: JSONDict) -> ReadRecord:
        if raw.get("omit"):
            return Omitted(raw["id"], raw["sku"], raw["omit"], raw, modified_at=_at(raw))
        try:
            return self.parse(raw)
        except RecordError as error:
            return Unreadable(raw["id"], raw["sku"], error, raw, _at(raw))

    def parse(self, raw: JSONDict) -> SourceRecord:
        if raw.get("broken"):
            raise RecordError("record.unreadable", system="Memory", what="broken")
        product = Product(
            sku=raw["sku"],
            name=raw["name"],
            long_text=raw.get("text"),
            price=Money(amount=Decimal(str(raw["price"])), currency="EUR"),
            vat_code=raw.get("vat", "21"),
            is_sellable=raw.get("sellable", True),
        )
        return SourceRecord(raw["id"], raw["sku"], product, raw, _at(raw), raw["name"])

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        found = {raw["id"]: self.read(raw) for raw in self.connector.rows}
        gone = {"system": "Memory"}
        return [found.get(key) or Omitted(key, key, "skip.deleted", {}, gone) for key in keys]

    def keys(self, position: Any | None) -> KeyPage | None:
        if not self.connector.lists_keys:
            return None
        start = position or 0
        rows = self.connector.rows[start : start + self.page_size]
        following = start + self.page_size if start + self.page_size < len(self.connector.rows) else None
        return KeyPage(tuple(Listed(raw["id"], _at(raw)) for raw in rows), following)

    def fields(self) -> list[FieldInfo]:
        return [FieldInfo("sku", "SKU")]


def _at(raw: JSONDict) -> datetime:
    return datetime.fromisoformat(raw["at"])


class MemoryTarget(Target):
    kind = "products"
    title = "Products"
    natural_key = "code"
    default_map = PRODUCT_MAP
    can_list = True

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        side = self.connector
        failure = side.next_failure(payload["code"])
        if failure is None or failure.is_late:
            key = f"T{next(side.numbers)}"
            side.things[key] = {**payload, "reference": reference}
        if failure is not None:
            raise failure.error
        side.writes.append(("create", payload["code"]))
        return Written(key, number=payload["code"], answer={"id": key})

    def update(self, target_id: str, payload: JSONDict) -> Written:
        side = self.connector
        if target_id not in side.things:
            raise NotFound(system="Memory", what=target_id)
        failure = side.next_failure(side.things.get(target_id, {}).get("code", ""))
        if failure is not None:
            raise failure.error
        side.things[target_id].update(payload)
        side.writes.append(("update", side.things[target_id]["code"]))
        return Written(target_id, answer={})

    def read(self, target_id: str) -> JSONDict:
        if target_id not in self.connector.things:
            raise NotFound(system="Memory", what=target_id)
        return dict(self.connector.things[target_id])

    def find(self, by: str, value: str) -> list[Existing]:
        return [Existing(key, one["code"]) for key, one in self.connector.things.items() if one["code"] == value]

    def index_page(self, position: Any | None) -> tuple[list[Existing], Any | None]:
        return [Existing(key, one["code"], one["name"]) for key, one in self.connector.things.items()], None

    def find_created(self, sent: Sent) -> list[Written]:
        self.connector.look_ups.append(sent.natural_key)
        things = self.connector.things.items()
        return [Written(key, answer="found") for key, one in things if one.get("reference") == sent.reference]

    def fields(self) -> list[FieldInfo]:
        return [FieldInfo("code", "Code", is_required=True)]


class Failure:
    """What the next write ends with; a late one has happened all the same."""

    def __init__(self, error: Exception, *, is_late: bool = False) -> None:
        self.error, self.is_late = error, is_late


class Memory(Connector):
    key = "memory"
    title = "Memory"
    auth = AuthSpec(AuthKind.CLIENT_CREDENTIALS, "api", "/token")
    hosts = {"api": "SITE_URL"}
    rate_limit = RateLimit(None, 60)
    quiet_setting = "TEAMLEADER_QUIET_SECONDS"
    sources = {"products": MemorySource}
    targets = {"products": MemoryTarget}

    def __init__(self) -> None:
        super().__init__(Inline(), {})  # type: ignore[arg-type]
        self.rows: list[JSONDict] = []
        self.things: dict[str, JSONDict] = {}
        self.writes: list[tuple[str, str]] = []
        self.look_ups: list[str] = []
        self.lists_keys = True
        self.failures: dict[str, list[Failure]] = {}
        self.numbers = itertools.count(1)

    def next_failure(self, code: str) -> Failure | None:
        waiting = self.failures.get(code)
        return waiting.pop(0) if waiting else None

    def fail(self, code: str, error: Exception, *, is_late: bool = False, times: int = 1) -> None:
        self.failures.setdefault(code, []).extend([Failure(error, is_late=is_late)] * times)

    def account(self) -> AccountInfo:
        return AccountInfo("memory", "Memory")

    def check(self) -> list[CheckResult]:
        return []

    def options(self, name: str) -> list[Option]:
        return []


def make_row(sku: str, *, minutes: int = 0, **changes: Any) -> JSONDict:
    at = (START + timedelta(minutes=minutes)).isoformat()
    return {"id": f"S-{sku}", "sku": sku, "name": f"Lamp {sku}", "price": "10.00", "at": at, **changes}


def make_flow(resource_map: ResourceMap = PRODUCT_MAP, **settings: Any) -> Flow:
    """Make an active products flow between two connections; the caller is in the organization's context."""
    organization = Organization.objects.get()
    lane = Lane.objects.create(key="memory")
    left = Connection.objects.create(organization=organization, connector="memory", name="Left", lane=lane)
    right = Connection.objects.create(organization=organization, connector="memory", name="Right", lane=lane)
    kind = flow_kind("products")
    flow = Flow.objects.create(
        kind="products",
        name="Products",
        source=left,
        target=right,
        state=Flow.State.ACTIVE,
        settings=kind.settings_model.model_validate({"kinds": (), **settings}).model_dump(mode="json"),
    )
    table = flow.value_tables.create(organization=organization, name="vat")
    table.rows.create(organization=organization, key="21", value="high", is_confirmed=True)
    publish(flow, {"products": resource_map.model_dump(mode="json")}, note="")
    return flow


def make_run(flow: Flow, **values: Any) -> Run:
    return Run.objects.create(**{"flow": flow, "trigger": "manual", "map_version": flow.map_version, **values})


@contextmanager
def work_on(flow: Flow, run: Run | None, left: Memory, right: Memory, *, fence: int = 1) -> Any:
    kind = flow_kind("products")
    yield Work(
        flow=flow,
        run=run,
        kind=kind,
        settings=kind.settings_model.model_validate(flow.settings),
        source=left.source("products"),
        target_side=right,
        vault=flow.organization.vault,
        tables=tables_of(flow),
        labels={},
        maps=compiled_maps(flow.map_version.maps),
        filters=None,
        map_version=flow.map_version,
        ensure=intake.ensure if run else intake.ensure_dry,
        fence=fence,
    )
