"""Personal data in lists: enough to recognise a record, not enough to read off a screen. Its own page shows all."""

from __future__ import annotations

import re

from flows.log.people import ADDRESS, HIDDEN, cut_addresses
from flows.models import RunRecord

WORD = re.compile(r"\w[\w'’-]*")
IMPERSONAL = frozenset({"products", "categories", "stock"})
SHORTEST_NAME = 3


def mask_emails(text: str) -> str:
    """Return the text with each e-mail address cut to its first two letters and its domain."""
    return cut_addresses(text)


def mask_name(text: str) -> str:
    """Return a name with its first word whole and the first letter of each other longer one."""
    address = ADDRESS.search(text)
    if address is not None:
        return mask_name(text[: address.start()]) + mask_emails(address.group()) + mask_name(text[address.end() :])
    first = WORD.search(text)
    if first is None:
        return text
    return text[: first.end()] + WORD.sub(_initial, text[first.end() :])


def _initial(match: re.Match[str]) -> str:
    word = match.group()
    return word if len(word) < SHORTEST_NAME or any(sign.isdigit() for sign in word) else word[0] + HIDDEN


def list_label(record: RunRecord) -> str:
    """Return a record's label as lists show it."""
    return record.label if record.kind in IMPERSONAL else mask_name(record.label)


def list_key(record: RunRecord) -> str:
    """Return what a person calls the record, as lists show it: its number, or a cut name or address."""
    if not record.natural_key:
        return record.source_key
    return mask_name(record.natural_key) if record.kind == "customers" else mask_emails(record.natural_key)
