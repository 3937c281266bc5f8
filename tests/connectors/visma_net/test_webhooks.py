"""Signed deliveries whose header and body are hardly documented: what is certain is checked, the rest is tolerated."""

from __future__ import annotations

import base64

import pytest

from connectors.events import Delivery, Hint, NotForUs
from connectors.visma_net.webhooks import ErpWebhooks, signature_of

SECRET, TENANT = "shared", "0fc55513-7f68-4865-aba0-de5da9e4e43d"
BODY = b'{"inventoryNumber": "LMP-1"}'


def read(body: bytes = BODY, *, secret: str = SECRET, signed_with: str = SECRET, **headers: str) -> list[Hint]:
    signature = signature_of(body, signed_with)
    named = {"x-vwd-signature-v1": signature, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return ErpWebhooks.read(Delivery(body, named, TENANT, secret))


def test_the_signature_is_the_documented_one():
    digest = bytes.fromhex("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")

    signature = signature_of(b"The quick brown fox jumps over the lazy dog", "key")

    assert base64.b64decode(signature) == digest


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": ""}, "hint.no_secret"),
        ({"signed_with": "guessed"}, "hint.wrong_signature"),
        ({"x_vwd_tenant_id": "another"}, "hint.other_account"),
    ],
)
def test_what_is_not_certainly_ours_is_set_aside(changes: dict[str, str], code: str):
    with pytest.raises(NotForUs) as refused:
        read(**changes)

    assert refused.value.code == code


def test_a_delivery_without_a_signature_is_set_aside():
    with pytest.raises(NotForUs):
        ErpWebhooks.read(Delivery(BODY, {"x-vwd-tenant-id": TENANT}, TENANT, SECRET))


def test_the_signature_may_stand_in_a_header_of_another_name():
    headers = {"x-visma-signature": signature_of(BODY, SECRET), "x-vwd-tenant-id": TENANT.upper()}

    assert ErpWebhooks.read(Delivery(BODY, headers, TENANT, SECRET)) == [
        Hint("changed", "products"),
        Hint("changed", "stock"),
    ]


@pytest.mark.parametrize(
    ("event", "body", "kinds"),
    [
        ("InventoryItemUpdated", b"{}", ["products", "stock"]),
        ("", b'{"entity": "Inventory Item"}', ["products", "stock"]),
        ("AR Invoice status changed", b'{"customer": 1}', ["order_status", "payments"]),
        ("", b"no json at all \xff", [""]),
        ("", b'{"customer": 1, "inventory": 2}', [""]),  # both are meant, or neither: look everywhere
    ],
)
def test_what_changed_is_told_as_far_as_it_can_be_known(event: str, body: bytes, kinds: list[str]):
    assert [hint.kind for hint in read(body, x_vwd_event_type=event)] == kinds
