"""E-mail addresses in records: searched for, never stored in clear.

A row of the log keeps a keyed hash per address (`Vault.mark`), which only this organization's data key can make again.
It goes when the row goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from apicenter.crypto import Vault

HIDDEN = "•••"
ADDRESS = re.compile(r"\b([\w.+-]{1,2})[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
MOST_ADDRESSES = 20  # of one record
MOST_TEXT = 10_000  # characters of one value that are looked through
PURPOSE = "email"


def cut_addresses(text: str) -> str:
    """Return the text with each e-mail address cut to its first two letters and its domain."""
    return ADDRESS.sub(rf"\1{HIDDEN}@\2", text) if "@" in text else text


def addresses_in(value: Any) -> set[str]:
    """Return the e-mail addresses anywhere in a JSON value, in the form they are compared in."""
    found: set[str] = set()
    for text in _texts(value):
        if "@" not in text:
            continue
        found.update(normal(match.group()) for match in ADDRESS.finditer(text[:MOST_TEXT]))
        if len(found) >= MOST_ADDRESSES:
            return set(sorted(found)[:MOST_ADDRESSES])
    return found


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, list | tuple):
            left.extend(one)


def normal(address: str) -> str:
    return address.strip().casefold()


def is_address(text: str) -> bool:
    """Whether somebody who typed this is looking for one e-mail address."""
    return ADDRESS.fullmatch(text.strip()) is not None


def marks_of(vault: Vault, addresses: Iterable[str]) -> list[str]:
    """Return the mark of each address."""
    return [vault.mark(normal(address), purpose=PURPOSE) for address in sorted(addresses)]
