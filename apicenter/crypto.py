"""Encryption at rest: AES-GCM with a data key per organization, wrapped by keys from the environment.

A blob is `1 | key id | nonce | ciphertext and tag`. Additional data binds it to table, field, organization and row, so
a blob that is moved elsewhere does not open. SECRET_KEY encrypts nothing. Deleting an organization's data key makes
everything encrypted under it unreadable.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import uuid
import zlib
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from apicenter.blotting import REDACTED as REDACTED
from apicenter.blotting import blot

VERSION = b"\x01"
NONCE_BYTES = 12
COMPRESSION = 1  # payloads shrink to a tenth even at the fastest level


class Undecryptable(ValueError):
    """The blob was made with another key, for another place, or was altered."""


def _seal(key: bytes, key_id: str, data: bytes, place: str) -> bytes:
    name = key_id.encode()
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + bytes([len(name)]) + name + nonce + AESGCM(key).encrypt(nonce, data, place.encode())


def _key_id(blob: bytes) -> str:
    return blob[2 : 2 + blob[1]].decode()


def _open(key: bytes, blob: bytes, place: str) -> bytes:
    start = 2 + blob[1]
    try:
        return AESGCM(key).decrypt(blob[start : start + NONCE_BYTES], blob[start + NONCE_BYTES :], place.encode())
    except InvalidTag as error:
        raise Undecryptable(f"A stored value for {place} cannot be opened with the present keys.") from error


def new_data_key(organization_id: uuid.UUID) -> bytes:
    """Return a fresh data key, wrapped by the active key-encryption key."""
    key_id, key = next(iter(settings.ENV.keys().items()))
    return _seal(key, key_id, AESGCM.generate_key(bit_length=256), f"dek|{organization_id}")


def unwrap_data_key(wrapped: bytes, organization_id: uuid.UUID) -> bytes:
    """Return the data key itself. Raises Undecryptable."""
    keys = settings.ENV.keys()
    key_id = _key_id(wrapped)
    if key_id not in keys:
        raise Undecryptable(f"APICENTER_KEYS has no key “{key_id}”, which stored data still needs.")
    return _open(keys[key_id], wrapped, f"dek|{organization_id}")


def rewrap_data_key(wrapped: bytes, organization_id: uuid.UUID) -> bytes:
    """Return the same data key wrapped by the active key-encryption key."""
    key_id, key = next(iter(settings.ENV.keys().items()))
    return _seal(key, key_id, unwrap_data_key(wrapped, organization_id), f"dek|{organization_id}")


PERSONAL = "k1:"  # marks a text sealed for a person, so that one stored in the clear before is still read


def seal_personal(text: str, place: str) -> str:
    """Encrypt a short text of a person (who belongs to no organization) with the active key-encryption key."""
    key_id, key = next(iter(settings.ENV.keys().items()))
    return PERSONAL + base64.b64encode(_seal(key, key_id, text.encode(), place)).decode()


def open_personal(sealed: str, place: str) -> str:
    """Decrypt what `seal_personal` made for the same place. Raises Undecryptable."""
    if not sealed.startswith(PERSONAL):
        return sealed
    blob, keys = base64.b64decode(sealed.removeprefix(PERSONAL)), settings.ENV.keys()
    key_id = _key_id(blob)
    if key_id not in keys:
        raise Undecryptable(f"APICENTER_KEYS has no key “{key_id}”, which stored data still needs.")
    return _open(keys[key_id], blob, place).decode()


@lru_cache(maxsize=1024)
def _data_key(wrapped: bytes, organization_id: uuid.UUID) -> bytes:
    return unwrap_data_key(wrapped, organization_id)


class Vault:
    """Seals and opens one organization's values; make it once per piece of work."""

    def __init__(self, organization_id: uuid.UUID, wrapped_key: bytes | memoryview) -> None:
        self._organization_id = organization_id
        self._key = _data_key(bytes(wrapped_key), organization_id)

    def _place(self, place: str, row_id: uuid.UUID) -> str:
        return f"{place}|{self._organization_id}|{row_id}"

    def seal(self, value: Any, *, place: str, row_id: uuid.UUID) -> bytes:
        """Encrypt a JSON value for `place` ("table|field") of one row."""
        data = zlib.compress(json.dumps(value, default=_plain, separators=(",", ":")).encode(), COMPRESSION)
        return _seal(self._key, "d", data, self._place(place, row_id))

    def mark(self, text: str, *, purpose: str) -> str:
        """Return 32 hex digits that stand for a text and do not say which: the same text gives the same ones within
        this organization and for this purpose only. For finding again what must not be stored in clear."""
        key = hmac.digest(self._key, f"mark|{purpose}|{self._organization_id}".encode(), hashlib.sha256)
        return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()

    def open(self, blob: bytes | memoryview | None, *, place: str, row_id: uuid.UUID) -> Any:
        """Decrypt what `seal` made for the same place and row; nothing stored reads as None. Raises Undecryptable."""
        if not blob:
            return None
        data = zlib.decompress(_open(self._key, bytes(blob), self._place(place, row_id)))
        return json.loads(data, parse_float=Decimal)


def _plain(value: Any) -> float | str:
    """Decimals stay numbers (a float prints back the 15 digits that money has); dates and the rest become text."""
    return float(value) if isinstance(value, Decimal) else str(value)


SECRET_NAMES = ("authorization", "cookie", "token", "secret", "password", "api_key", "apikey", "refresh")


def redact(value: Any) -> Any:
    """Return a copy of a JSON value without secrets, known by their name, by their look, or as in use."""
    if isinstance(value, str):
        return blot(value)
    if isinstance(value, Mapping):
        return {name: REDACTED if _names_a_secret(str(name)) else redact(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return value


@lru_cache(maxsize=2000)  # the same few fields come in every record
def _names_a_secret(name: str) -> bool:
    lower = name.lower()
    return any(part in lower for part in SECRET_NAMES)
