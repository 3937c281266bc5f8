"""What a target says it can do is what it does: nothing that the flows may call ends in NotImplementedError."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Sent, Target
from connectors.registry import connector_class
from connectors.revising import Revision, Standing
from flows.catalog.registry import FLOW_KINDS, flow_kind
from flows.engine.work import Work
from flows.maps.mapping import compile_map
from tests.flows.memory import Inline

CONNECTORS = ("spreadsheet", "teamleader", "visma_net")
STANDING = Standing("1", "", may_change=True, may_cancel=True)
Call = Callable[[Target], object]

NOT_USED = {
    ("spreadsheet", "sales_orders", "can_update"),  # an order stands in a sheet as it was sent
    ("visma_net", "credit_notes", "comparing"),  # a credit note is the answer to a change, and follows none
}
FLAGS: dict[str, tuple[Call, ...]] = {
    "can_create": (lambda target: target.create({}, reference="r"),),
    "can_update": (lambda target: target.update("1", {}),),
    "can_read": (lambda target: target.read("1"),),
    "can_delete": (lambda target: target.delete("1"),),
    "can_list": (lambda target: target.index_page(None),),
    "is_referenced": (lambda target: target.find_created(Sent("r", "n", {}, datetime(2026, 1, 1, tzinfo=UTC))),),
    "knows_items": (lambda target: target.existing_keys(["A"]),),
    "tells_totals": (lambda target: target.totals_of("1"),),
    "comparing": (
        lambda target: target.standing("1"),
        lambda target: target.cancel(STANDING),
    ),
    "can_revise": (lambda target: target.revise(STANDING, Revision({}, ())),),
    "finders": (lambda target: [target.find(by, "x") for by in target.finders or ("code",)],),
}


class Uncallable(Inline):
    def call(self, *args: Any, **more: Any) -> Any:
        raise ConnectionError


def all_targets() -> list[tuple[str, str]]:
    return [(key, kind) for key in CONNECTORS for kind in connector_class(key).targets]


def make_target(key: str, kind: str) -> Target:
    connector = connector_class(key)(Uncallable(), {"currency": "EUR"})  # type: ignore[arg-type]
    return connector.target(kind)


def is_implemented(target: Target, call: Call) -> bool:
    try:
        call(target)
    except NotImplementedError:
        return False
    except Exception:
        return True
    return True


@pytest.mark.parametrize(("key", "kind"), all_targets())
@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_says_what_the_target_implements(key: str, kind: str, flag: str):
    target = make_target(key, kind)

    says, does = bool(getattr(target, flag)), [is_implemented(target, call) for call in FLAGS[flag]]

    assert does == [says or (key, kind, flag) in NOT_USED] * len(does)


@pytest.mark.parametrize(("key", "kind"), all_targets())
def test_what_is_updated_can_be_read_and_what_is_made_found_again(key: str, kind: str):
    target = make_target(key, kind)

    assert target.can_read or not target.can_update  # "only while untouched" compares with what is there
    assert target.can_create or not target.is_referenced
    assert target.can_create or target.can_update or not target.default_map.lists  # else nothing is ever written
    assert target.knows_items or not target.tells_totals


def test_a_kind_that_pairs_in_bulk_has_targets_that_can_be_listed():
    kinds = [one for one in FLOW_KINDS.values() if one.indexes_target]

    for one in kinds:
        for key in CONNECTORS:
            if one.key in connector_class(key).targets:
                assert make_target(key, one.key).can_list, (one.key, key)
    assert kinds


def test_a_flow_never_plans_to_make_what_its_target_cannot(monkeypatch: pytest.MonkeyPatch):
    kind = flow_kind("stock")
    monkeypatch.setattr(type(kind), "creates", lambda self, kind, settings: True)
    connector = connector_class("teamleader")(Uncallable(), {})  # type: ignore[arg-type]
    work: Any = object.__new__(Work)
    work.kind, work.settings, work.target_side = kind, kind.settings_model(), connector
    work.maps = {"stock": compile_map(connector.target("stock").default_map)}
    work.tables, work.filters, work.echoes = {}, None, frozenset()

    assert not work.rules("stock").creates
