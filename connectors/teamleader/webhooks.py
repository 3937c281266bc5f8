"""Webhooks: what to ask for, and what a delivery points at.

A delivery carries no content, no signature and no id, and may come twice, late or never. It only says which record to
read again; polling stays the source of truth.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connectors.events import Delivery as Posted
from connectors.events import Hint, NotForUs, Webhooks
from connectors.teamleader.api import FocusApi
from connectors.teamleader.invoices import CREDIT_NOTE_PREFIX
from connectors.teamleader.orders import DEAL_PREFIX
from connectors.teamleader.read_customer import RESOURCES, customer_key

# There is no event for quotations: an acceptance shows when the deal is won.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "products": ("product.added", "product.updated", "product.deleted"),
    "customers": (
        "company.added",
        "company.updated",
        "company.deleted",
        "contact.added",
        "contact.updated",
        "contact.deleted",
        "contact.linkedToCompany",
        "contact.unlinkedFromCompany",
    ),
    "orders": ("deal.won", "deal.updated", "deal.moved"),
    "invoices": (
        "invoice.booked",
        "invoice.updated",
        "invoice.paymentRegistered",
        "invoice.paymentRemoved",
        "creditNote.booked",
        "creditNote.updated",
    ),
}
KIND_OF = {event: kind for kind, events in EVENTS.items() for event in events}


@dataclass(frozen=True, slots=True)
class Webhook:
    """What is registered for one address; address and types together are its identity."""

    url: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery points at: a record of one of our sources by its key. `account_id` may be ""."""

    event: str
    kind: str
    key: str
    account_id: str


def list_webhooks(focus: FocusApi) -> list[Webhook]:
    """Return what is registered, also by hand or by others."""
    return [Webhook(row["url"], tuple(row["types"])) for row in focus.data("webhooks.list")]


def register(focus: FocusApi, url: str, kinds: Iterable[str]) -> None:
    """Make this address receive exactly the events of these sources; doing it twice is harmless.

    Nothing says whether a second registration of an address adds to the first, so what stands there goes first.
    """
    wanted = [event for kind in kinds for event in EVENTS[kind]]
    present = [event for webhook in list_webhooks(focus) if webhook.url == url for event in webhook.types]
    if set(present) == set(wanted) and len(present) == len(wanted):
        return
    if present:
        unregister(focus, url, present)
    if wanted:
        focus.post("webhooks.register", {"url": url, "types": wanted})


def unregister(focus: FocusApi, url: str, types: Sequence[str] = ()) -> None:
    """Stop deliveries to this address: of these types, or of all that are registered."""
    gone = list(types) or [event for webhook in list_webhooks(focus) if webhook.url == url for event in webhook.types]
    if gone:
        focus.post("webhooks.unregister", {"url": url, "types": list(dict.fromkeys(gone))})


def read_delivery(body: Any) -> Delivery | None:
    """Read what was posted to us; None for anything that is not an event of our sources."""
    if not isinstance(body, dict):
        return None
    subject, account = body.get("subject"), body.get("account")
    kind = KIND_OF.get(str(body.get("type")))
    if kind is None or not isinstance(subject, dict) or not _is_id(subject.get("id")):
        return None
    account_id = account.get("id") if isinstance(account, dict) else None
    return Delivery(str(body["type"]), kind, _key(str(subject.get("type")), subject["id"]), str(account_id or ""))


def _is_id(value: Any) -> bool:
    """Ids are UUIDs everywhere in this API; whatever else somebody posts is no key of a record."""
    with suppress(ValueError):
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    return False


def _key(subject: str, record_id: str) -> str:
    if subject in RESOURCES:
        return customer_key(subject, record_id)
    prefix = {"deal": DEAL_PREFIX, "creditNote": CREDIT_NOTE_PREFIX}.get(subject, "")
    return f"{prefix}{record_id}"


class FocusWebhooks(Webhooks):
    """Unsigned deliveries, protected by the address; a delivery that names another account is set aside."""

    kinds = frozenset(EVENTS)

    @classmethod
    def read(cls, delivery: Posted) -> list[Hint]:
        try:
            found = read_delivery(json.loads(delivery.body))
        except (ValueError, RecursionError):
            return []
        if found is None:
            return []
        if found.account_id and found.account_id != delivery.account_id:
            raise NotForUs("hint.other_account")
        return [Hint(found.event, found.kind, found.key)]

    def register(self, url: str, kinds: Iterable[str]) -> None:
        register(FocusApi.of(self.connector), url, [kind for kind in EVENTS if kind in set(kinds)])

    def unregister(self, url: str) -> None:
        unregister(FocusApi.of(self.connector), url)
