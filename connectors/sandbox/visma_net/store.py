"""Reads and writes the records of one fake company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net.refusal import Refused, not_found, version_mismatch
from connectors.sandbox.visma_net.wire import JSONDict, for_json, to_milliseconds, version_text


def key_of(text: str) -> str:
    """Codes are the same whatever their letter case, and stored padded ones are trimmed."""
    return text.strip().upper()


def find(account: Account, kind: str, key: Any) -> Thing | None:
    return Thing.objects.filter(account=account, kind=kind, key=key_of(str(key))).first()


def find_many(account: Account, kind: str, keys: Iterable[str]) -> dict[str, Thing]:
    """Return those that exist by their normalized key."""
    wanted = {key_of(key) for key in keys}
    return {thing.key: thing for thing in Thing.objects.filter(account=account, kind=kind, key__in=wanted)}


def get(account: Account, kind: str, key: Any, *, what: str) -> Thing:
    """Raises a 404."""
    thing = find(account, kind, key)
    if thing is None:
        raise not_found(what, str(key))
    return thing


def lookup(account: Account, kind: str, key: Any, *, field: str, code: str = "") -> Thing:
    """Return what a payload names. Raises a 400 that names the field."""
    thing = find(account, kind, key)
    if thing is None:
        raise Refused(f"'{field}' cannot be found in the system: '{key}'.", code=code, about={field: str(key)})
    return thing


def add(account: Account, kind: str, key: Any, body: Mapping[str, Any]) -> Thing:
    now = to_milliseconds(timezone.now())
    return Thing.objects.create(
        account=account, kind=kind, key=key_of(str(key)), body=for_json(body), created_at=now, modified_at=now
    )


def save(thing: Thing, *, now: datetime | None = None) -> Thing:
    """Write a changed body: a new version and a modification time that is never the old one."""
    thing.body = for_json(thing.body)
    moment = to_milliseconds(now or timezone.now())
    thing.modified_at = moment
    thing.version += 1
    thing.save(update_fields=["body", "modified_at", "version"])
    return thing


def etag(thing: Thing) -> str:
    return f'"{version_text(thing.pk, thing.version)}"'


def check_version(thing: Thing, if_match: str | None) -> None:
    """Raises a 412 when the caller read an older version."""
    if if_match is None or if_match.strip() == "*":
        return
    if if_match.strip().removeprefix("W/").strip('"') != etag(thing).strip('"'):
        raise version_mismatch()


def next_number(account: Account, series: str, *, start: int, kind: str, width: int = 6, prefix: str = "") -> str:
    """Draw the next free number of a series. The front door holds the account's row: two callers never share one."""
    last = int(account.counters.get(series, start))
    while True:
        last += 1
        text = f"{last:0{width}}"
        if find(account, kind, f"{prefix}{text}") is None:
            break
    account.counters[series] = last
    account.save(update_fields=["counters"])
    return text


def company_number(account: Account) -> int:
    """Return what the ipp-company-id header may say."""
    return account.remote_id.int % 9_000_000 + 1_000_000


def reference(account: Account, kind: str, key: Any, *, names: tuple[str, str] = ("id", "description")) -> JSONDict:
    """Return the {id, description} pair of a look-up table's row."""
    thing = find(account, kind, key)
    return {names[0]: str(key), names[1]: thing.body.get("_title") if thing else None}
