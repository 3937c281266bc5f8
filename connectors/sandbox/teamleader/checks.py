"""Checks of single values that several methods share; each returns the value or raises Refused."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.teamleader.dialect import Refused

CURRENCIES = (
    "BAM CAD CHF CLP CNY COP CZK DKK EUR GBP INR ISK JPY MAD MXN NOK PEN PLN RON SEK TRY USD ZAR".split()  # noqa: SIM905
)


def is_uuid(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 36:
        return False
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def identifier(value: object, *, field: str = "id") -> str:
    if value is None:
        raise Refused(f"{field} must be present", field=field)
    if not is_uuid(value):
        raise Refused(f"{field} invalid uuid", field=field)
    return str(value).lower()


def identifiers(value: object, *, field: str) -> list[str]:
    return [identifier(item, field=field) for item in array(value, field=field)]


def text(value: object, *, field: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"{field} must be a string", field=field)
    return value


def number(value: object, *, field: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{field} must be numeric", field=field)
    return value


def boolean(value: object, *, field: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{field} must be a boolean", field=field)
    return value


def array(value: object, *, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(f"{field} must be an array", field=field)
    return value


def mapping(value: object, *, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f"{field} must be an object", field=field)
    return value


def one_of(value: object, allowed: Collection[str], *, field: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Refused(f"{field} must be one of {', '.join(allowed)}", field=field)
    return value


def day(value: object, *, field: str) -> str:
    try:
        return date.fromisoformat(text(value, field=field)).isoformat()
    except ValueError:
        raise Refused(f"{field} must be a valid date. Sample format: 2005-12-30", field=field) from None


def email(value: object, *, field: str) -> str:
    address = text(value, field=field)
    local, at, domain = address.partition("@")
    if not (local and at and "." in domain) or " " in address:
        raise Refused(f"{field} must be valid email", field=field)
    return address


def money(value: object, *, field: str) -> dict[str, Any]:
    amount = mapping(value, field=field)
    return {
        "amount": number(amount.get("amount"), field=f"{field}.amount"),
        "currency": one_of(amount.get("currency"), CURRENCIES, field=f"{field}.currency"),
    }


def reference(account: Account, value: object, *, kind: str, field: str) -> dict[str, str]:
    """A {type, id} to a record that exists."""
    key = identifier(value, field=field)
    if not Thing.objects.filter(account=account, kind=kind, key=key).exists():
        raise Refused(f"{field}: {kind} not found", field=field)
    return {"type": kind, "id": key}


def found(account: Account, kind: str, value: object, *, field: str = "id") -> Thing:
    """The record a call is about; 404 when there is none."""
    key = identifier(value, field=field)
    thing = Thing.objects.filter(account=account, kind=kind, key=key).first()
    if thing is None:
        raise Refused(f"{kind} not found", field=field, status=404)
    return thing
