"""Encryption at rest: a value opens only in its place, with its organization's key."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apicenter.crypto import REDACTED, Undecryptable, Vault, new_data_key, redact, rewrap_data_key, unwrap_data_key
from apicenter.organizations.models import Organization

PLACE, ROW = "credential|tokens", uuid.uuid4()


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def vault() -> Vault:
    organization_id = uuid.uuid4()
    return Vault(organization_id, new_data_key(organization_id))


def test_what_was_sealed_opens_in_its_place(vault: Vault):
    value = {"access": "t0ken", "amount": Decimal("12.50"), "lines": [1, None, "é"]}

    blob = vault.seal(value, place=PLACE, row_id=ROW)

    assert b"t0ken" not in blob
    assert vault.open(blob, place=PLACE, row_id=ROW) == value
    assert vault.open(memoryview(blob), place=PLACE, row_id=ROW) == value


def test_money_comes_back_as_decimal_and_moments_as_text(vault: Vault):
    blob = vault.seal({"price": Decimal("0.10"), "at": datetime(2026, 1, 2, tzinfo=UTC)}, place=PLACE, row_id=ROW)

    opened = vault.open(blob, place=PLACE, row_id=ROW)

    assert opened == {"price": Decimal("0.1"), "at": "2026-01-02 00:00:00+00:00"}
    assert isinstance(opened["price"], Decimal)


@pytest.mark.parametrize("nothing", [None, b""])
def test_nothing_stored_reads_as_nothing(vault: Vault, nothing: bytes | None):
    assert vault.open(nothing, place=PLACE, row_id=ROW) is None


@pytest.mark.parametrize(("place", "row"), [("runrecord|source", ROW), (PLACE, uuid.uuid4())])
def test_a_blob_that_was_moved_elsewhere_does_not_open(vault: Vault, place: str, row: uuid.UUID):
    blob = vault.seal("secret", place=PLACE, row_id=ROW)

    with pytest.raises(Undecryptable):
        vault.open(blob, place=place, row_id=row)


def test_another_organization_cannot_open_it(vault: Vault):
    blob = vault.seal("secret", place=PLACE, row_id=ROW)
    other = uuid.uuid4()

    with pytest.raises(Undecryptable):
        Vault(other, new_data_key(other)).open(blob, place=PLACE, row_id=ROW)


@pytest.mark.parametrize("position", [5, 20, -1])
def test_a_blob_that_was_altered_does_not_open(vault: Vault, position: int):
    blob = bytearray(vault.seal("secret", place=PLACE, row_id=ROW))
    blob[position] ^= 1

    with pytest.raises(Undecryptable):
        vault.open(bytes(blob), place=PLACE, row_id=ROW)


def test_the_same_value_never_looks_the_same(vault: Vault):
    assert vault.seal("x", place=PLACE, row_id=ROW) != vault.seal("x", place=PLACE, row_id=ROW)


def test_a_data_key_belongs_to_its_organization():
    owner = uuid.uuid4()
    wrapped = new_data_key(owner)

    assert len(unwrap_data_key(wrapped, owner)) == 32
    with pytest.raises(Undecryptable):
        unwrap_data_key(wrapped, uuid.uuid4())


def test_a_key_that_was_removed_too_early_is_named(env: Callable[..., None]):
    owner = uuid.uuid4()
    env(APICENTER_KEYS=f"old:{new_key()}")
    wrapped = new_data_key(owner)
    env(APICENTER_KEYS=f"new:{new_key()}")

    with pytest.raises(Undecryptable, match="no key “old”"):
        unwrap_data_key(wrapped, owner)


def test_wrapping_anew_keeps_the_data_key(env: Callable[..., None]):
    owner, old, new = uuid.uuid4(), f"old:{new_key()}", f"new:{new_key()}"
    env(APICENTER_KEYS=old)
    wrapped = new_data_key(owner)
    env(APICENTER_KEYS=f"{new},{old}")

    again = rewrap_data_key(wrapped, owner)
    env(APICENTER_KEYS=new)

    assert again != wrapped
    assert len(unwrap_data_key(again, owner)) == 32


@pytest.mark.django_db
def test_the_rotation_command_frees_the_older_key(env: Callable[..., None]):
    old, new = f"old:{new_key()}", f"new:{new_key()}"
    env(APICENTER_KEYS=old)
    organization = Organization.objects.create(name="Ours")
    blob = organization.vault.seal("secret", place=PLACE, row_id=ROW)
    env(APICENTER_KEYS=f"{new},{old}")

    out = StringIO()
    call_command("rotate_keys", stdout=out)
    env(APICENTER_KEYS=new)

    organization.refresh_from_db()
    assert out.getvalue() == "1 data keys, 0 sign-in secrets and 0 sessions are wrapped with the active key.\n"
    assert organization.vault.open(blob, place=PLACE, row_id=ROW) == "secret"


@pytest.mark.django_db
def test_the_rotation_command_says_whose_key_cannot_be_opened(env: Callable[..., None]):
    env(APICENTER_KEYS=f"old:{new_key()}")
    Organization.objects.create(name="Ours")
    env(APICENTER_KEYS=f"new:{new_key()}")

    with pytest.raises(CommandError, match="Ours"):
        call_command("rotate_keys")


def test_the_secret_key_encrypts_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    blob = vault.seal("secret", place=PLACE, row_id=ROW)
    monkeypatch.setattr(settings, "SECRET_KEY", "another")

    assert vault.open(blob, place=PLACE, row_id=ROW) == "secret"


def test_secrets_are_blotted_out_at_any_depth():
    value = {"Authorization": "Bearer x", "rows": [{"client_secret": "y", "name": "Lamp"}], "refresh_token": None}

    assert redact(value) == {
        "Authorization": REDACTED,
        "rows": [{"client_secret": REDACTED, "name": "Lamp"}],
        "refresh_token": REDACTED,
    }
