"""Sales orders looked at again: how one stands in the ERP, and how a change of it is told to either version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors.core import JSONDict
from connectors.revising import Comparing, LineRevision, LineWork, Revision, Standing, StandingLine
from connectors.visma_net.order_v2 import ADDRESS, CONTACT, DATE_LENGTH, to_v2_change, to_v2_line, to_v2_places
from connectors.visma_net.order_v2 import PLACES as V2_PLACES
from connectors.visma_net.read_values import read_decimal, read_id, read_text
from connectors.visma_net.wrap import wrap

PLACES = ("shipping.address", "shipping.contact", "billing.address", "billing.contact")
NAMES = {"address": tuple(ADDRESS), "contact": tuple(CONTACT)}
PLACE_FIELDS = tuple(f"{place}.{name}" for place in PLACES for name in NAMES[place.split(".")[1]])
TEXTS = ("customer.order", "description", "note", "requestOn")
COMPARING = Comparing(
    lines="orderLines",
    item="inventoryId",
    line=("inventoryId", "quantity", "unitPrice", "discountPercent", "description", "taxCategoryId"),
    head=("customer.id", "currencyId", *TEXTS, "shipping.shipViaId", *PLACE_FIELDS),
    whole=PLACES,
    fixed=frozenset({"customer.id", "currencyId"}),
)
ON_HOLD = "Hold"
GONE = frozenset({"Cancelled", "Voided"})
OPEN = frozenset({"Open", ON_HOLD, "CreditHold", "PendingApproval", "BackOrder"})
STARTED = ("quantityOnShipments", "billedQuantity")
MANUAL = {"unitPrice": "hasManualPrice", "discountPercent": "hasManualDiscount"}  # else the ERP works them out again
OPERATIONS = {LineWork.INSERT: "Insert", LineWork.UPDATE: "Update", LineWork.DELETE: "Delete"}


def gone(order_id: str) -> Standing:
    """An order that is no longer there."""
    return Standing(order_id, "", may_change=False, may_cancel=False, is_gone=True)


def read_v3(order_id: str, order: JSONDict, lines: Sequence[JSONDict], *, version: str) -> Standing:
    """Read an order of the order service. It knows no cancelling, only deleting: that is for orders on hold."""
    state = order.get("status") or {}
    status = read_text(state.get("description")) or ""
    is_held = status == ON_HOLD and bool(state.get("hold"))
    is_started = any(read_decimal(line.get(name)) for line in lines for name in STARTED)
    return Standing(
        order_id,
        status,
        may_change=is_held,
        may_cancel=is_held and not is_started,
        is_gone=bool(state.get("cancelled")) or status in GONE,
        head={
            "customer.id": read_id(order.get("customer")),
            "currencyId": read_text(order.get("currencyId")),
            "customer.order": read_text((order.get("customer") or {}).get("order")),
            "description": read_text(order.get("description")),
            "note": read_text(order.get("note")),
            "requestOn": _day(order.get("requestOn")),
            "shipping.shipViaId": read_id((order.get("shipping") or {}).get("shipVia")),
            **_places(lambda outer, inner: (order.get(outer) or {}).get(inner), dict),
        },
        lines=tuple(
            StandingLine(
                str(line["lineId"]),
                {
                    "inventoryId": read_id(line.get("inventory")),
                    **{name: line.get(name) for name in COMPARING.line if name != COMPARING.item},
                },
            )
            for line in lines
        ),
        version=version,
    )


def read_v2(order_id: str, order: JSONDict) -> Standing:
    """Read an order of the ERP gateway."""
    status, lines = read_text(order.get("status")) or "", order.get("lines") or []
    is_started = bool(order.get("shipments")) or any(read_decimal(line.get("qtyOnShipments")) for line in lines)
    return Standing(
        order_id,
        status,
        may_change=status == ON_HOLD and bool(order.get("hold")),
        may_cancel=status in OPEN and not is_started,
        is_gone=bool(order.get("canceled")) or status in GONE,
        head={
            "customer.id": read_id(order.get("customer"), "number"),
            "currencyId": read_text(order.get("currency")),
            "customer.order": read_text(order.get("customerOrder")),
            "description": read_text(order.get("description")),
            **({"note": note} if (note := read_text(order.get("note"))) else {}),  # not every answer has it
            "requestOn": _day(order.get("requestOn")),
            "shipping.shipViaId": read_id(order.get("shipVia")),
            **_places(lambda outer, inner: order.get(V2_PLACES[f"{outer}.{inner}"][0]), _in_v3_names),
        },
        lines=tuple(
            StandingLine(
                str(line["lineNbr"]),
                {
                    "inventoryId": read_id(line.get("inventory"), "number"),
                    "quantity": line.get("quantity"),
                    "unitPrice": line.get("unitPrice"),
                    "discountPercent": line.get("discountPercent"),
                    "description": line.get("lineDescription"),
                    "taxCategoryId": line.get("taxCategory"),
                },
            )
            for line in lines
        ),
    )


def _places(find: Callable[[str, str], Any], named: Callable[[JSONDict], JSONDict]) -> JSONDict:
    """Return the addresses and contacts of an order, each of their fields under its path."""
    found: JSONDict = {}
    for place in PLACES:
        outer, inner = place.split(".")
        values = named(find(outer, inner) or {})
        for name in NAMES[inner]:
            value = (values.get("country") or values.get(name)) if name == "countryId" else values.get(name)
            found[f"{place}.{name}"] = read_id(value)
    return found


def _in_v3_names(place: JSONDict) -> JSONDict:
    ours = {theirs: name for name, theirs in (ADDRESS | CONTACT).items()}
    return {ours.get(name, name): value for name, value in place.items()}


def _day(value: Any) -> str | None:
    text = read_text(value)
    return text[:DATE_LENGTH] if text else None


def _overriding(head: JSONDict) -> JSONDict:
    """Return a change of the head in which addresses and contacts say that they stand in place of the customer's."""
    changed = {name: dict(value) if isinstance(value, dict) else value for name, value in head.items()}
    for place in PLACES:
        outer, inner = place.split(".")
        if inner in (changed.get(outer) or {}):
            changed[outer][inner] = {**changed[outer][inner], "overridesDefault": True}
    return changed


def v3_steps(revision: Revision) -> Iterator[tuple[str, str, JSONDict | None, Mapping[str, Any]]]:
    """Yield the calls of a revision as (method, path below the order, body, query), deletions last."""
    if revision.head:
        yield "PATCH", "", _overriding(revision.head), {}
    changed = [{"lineId": int(one.id), **_manual(one.values)} for one in revision.lines if one.work is LineWork.UPDATE]
    if changed:
        yield "PATCH", "/lines", {"lines": changed}, {}
    new = [dict(one.values) for one in revision.lines if one.work is LineWork.INSERT]
    if new:
        yield "POST", "/lines", {"lines": new}, {}
    ids = [one.id for one in revision.lines if one.work is LineWork.DELETE]
    if ids:
        yield "DELETE", "/lines", None, {"ids": ids}


def v2_body(order_type: str, revision: Revision) -> JSONDict:
    """Return the body of `PUT /v1/salesorder/{number}`: only what changes, each line with its operation."""
    plain = to_v2_change({"type": order_type, **revision.head}) | to_v2_places(revision.head)
    if revision.lines:
        plain["lines"] = [_v2_line(one) for one in revision.lines]
    return wrap(plain)


def _v2_line(one: LineRevision) -> JSONDict:
    line: JSONDict = {"operation": OPERATIONS[one.work], "inventoryNumber": one.item}
    if one.work is not LineWork.INSERT:
        line["lineNbr"] = int(one.id)
    if one.work is not LineWork.DELETE:
        line |= to_v2_line(_manual(one.values))
    return line


def _manual(values: Mapping[str, Any]) -> JSONDict:
    return {**values, **{flag: True for name, flag in MANUAL.items() if name in values}}
