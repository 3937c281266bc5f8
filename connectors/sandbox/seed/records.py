"""A record to be seeded, before it belongs to an account."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.sandbox.models import Account, Thing

NAMESPACE = uuid.UUID("5b0f7f0e-3f0c-4d0e-9d5e-6c1d0a7c9a11")
Body = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One row of Thing without its account; the body names its own times where the system shows them."""

    kind: str
    key: str
    body: Body
    created_at: datetime
    modified_at: datetime

    def for_account(self, account: Account) -> Thing:
        return Thing(
            account=account,
            kind=self.kind,
            key=self.key,
            body=self.body,
            created_at=self.created_at,
            modified_at=self.modified_at,
        )


def uid(kind: str, name: object) -> str:
    """The same id for the same thing in every seeding."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{name}"))


def link(kind: str, name: object) -> Body:
    """A {type, id} to a seeded record."""
    return {"type": kind, "id": uid(kind, name)}


def number(value: Decimal | int) -> int | float:
    """A number as JSON takes it."""
    return int(value) if value == int(value) else float(value)


def money(amount: Decimal | int, currency: str = "EUR") -> Body:
    return {"amount": number(amount), "currency": currency}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()
