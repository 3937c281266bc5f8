"""Subaccounts of the fake company: lines name one by its segments, and only one that is there and active."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

KIND = "subaccount"


def find_subaccount(account: Account, segments: Any) -> JSONDict | None:
    """Return what a line says about its subaccount; None if it says nothing. Raises Refused."""
    if not segments:
        return None
    wanted = {str(number): str(value) for number, value in _pairs(segments)}
    for thing in Thing.objects.filter(account=account, kind=KIND, body__active=True):
        if {str(one["segmentId"]): one["segmentValue"] for one in thing.body["segments"]} == wanted:
            return thing.body
    named = "-".join(wanted[number] for number in sorted(wanted))
    raise Refused(f"'Subaccount' cannot be found in the system: '{named}'.", about={"Subaccount": named})


def _pairs(segments: Any) -> Iterable[tuple[Any, Any]]:
    """The ERP takes a list of segments, the order service an object: segment to value."""
    if isinstance(segments, dict):
        return segments.items()
    return [(one.get("segmentId"), one.get("segmentValue")) for one in segments]


def part_of(subaccount: JSONDict | None) -> JSONDict | None:
    """Return a subaccount as lines of documents show it."""
    if subaccount is None:
        return None
    return {
        name: subaccount[name] for name in ("subaccountNumber", "subaccountId", "description", "active", "segments")
    }


def short_of(subaccount: JSONDict) -> JSONDict:
    """Return a subaccount as lines of sales orders show it."""
    return {"id": subaccount["subaccountNumber"], "description": subaccount["description"], "active": True}
