"""Webhooks: signed deliveries, subscribed to in the Visma Developer Portal.

The signature is Base64(HMAC-SHA256(body, secret of the subscription)); the name of its header is documented for another
product of the same dispatcher only ("x-vwd-signature-v1"), and the body not at all. So any header that speaks of a
signature may hold it, and a delivery only says that something changed: what, the next read finds out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from connectors.events import Delivery, Hint, NotForUs, Webhooks

SECRET_FIELD = "webhook_secret"  # noqa: S105 - a field's name
TENANT_HEADER = "x-vwd-tenant-id"
EVENT_HEADERS = ("x-vwd-event-type", "x-vwd-event-id")
# What an event may be called, and whose sources it concerns; publishers name them "InventoryItemUpdated" or the like.
WORDS: Mapping[str, tuple[str, ...]] = {
    "inventory": ("products", "stock"),
    "customer": ("customers",),
    "salesorder": ("order_status",),
    "shipment": ("order_status",),
    "invoice": ("order_status", "payments"),
    "payment": ("payments",),
}
LONGEST_EVENT = 60


class ErpWebhooks(Webhooks):
    """Deliveries of a subscription that somebody made by hand."""

    kinds = frozenset(kind for kinds in WORDS.values() for kind in kinds)
    can_register = False
    secret_field = SECRET_FIELD

    @classmethod
    def read(cls, delivery: Delivery) -> list[Hint]:
        if not delivery.secret:
            raise NotForUs("hint.no_secret")
        if not is_signed(delivery.body, delivery.headers, secret=delivery.secret):
            raise NotForUs("hint.wrong_signature")
        tenant = delivery.headers.get(TENANT_HEADER, "")
        if tenant and tenant.strip().casefold() != delivery.account_id.casefold():
            raise NotForUs("hint.other_account")
        event = next((value for name in EVENT_HEADERS if (value := delivery.headers.get(name, ""))), "")
        name = event[:LONGEST_EVENT] or "changed"
        return [Hint(name, kind) for kind in _kinds(event, delivery.body)]


def signature_of(body: bytes, secret: str) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(body: bytes, headers: Mapping[str, str], *, secret: str) -> bool:
    """Whether one of the headers holds the signature of this body; compared in constant time."""
    wanted = signature_of(body, secret).encode()
    given = [value for name, value in headers.items() if "signature" in name]
    return any(hmac.compare_digest(value.strip().encode(errors="replace"), wanted) for value in given)


def _kinds(event: str, body: bytes) -> tuple[str, ...]:
    """Return the sources an event speaks of, ("",) for all of them when that cannot be told."""
    for text in (event, body.decode(errors="replace")):
        plain = text.casefold().replace(" ", "").replace("_", "").replace("-", "")
        found = [kinds for word, kinds in WORDS.items() if word in plain]
        if len(found) == 1:
            return found[0]
    return ("",)
