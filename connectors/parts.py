"""Pages of a list that cannot be taken in at once (too large, nested too deeply): read in smaller ones.

Whoever reads the page gets its rows as if it had come in one piece. A single row that still cannot be taken in is
stood for by what `instead` knows of it, so that it can be held by its key while the others go on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from apicenter.errors import RemoteUnavailable

R = TypeVar("R")

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|-?\d[\d.eE+-]*|true|false|null')
_CLOSES = {"}": "{", "]": "["}


def is_bad_answer(outcome: object) -> bool:
    """Whether this is the error of an answer that came and could not be taken in."""
    return isinstance(outcome, RemoteUnavailable) and outcome.code == "remote.bad_answer"


def read_in_parts(
    read: Callable[[int, int], list[R]],
    *,
    number: int,
    size: int,
    instead: Callable[[int, RemoteUnavailable], R],
    cap: Callable[[list[R]], int | None] = lambda rows: None,
) -> list[R]:
    """Return the rows of page `number` of `size` rows from smaller pages, each as large as can be taken in.

    `read(number, size)` gives a page, `instead(row number, error)` what stands for a row, or raises the error; `cap`
    is the largest page that the API says to give: no more is asked for once it is known. A list that ends gives fewer.
    """

    def within(first: int, count: int) -> list[R]:
        try:
            return read(first // count + 1, count)
        except RemoteUnavailable as error:
            if not is_bad_answer(error):
                raise
            return [instead(first + 1, error)] if count == 1 else split(first, count)

    def split(first: int, count: int) -> list[R]:
        part = _largest_divisor(count)
        rows: list[R] = []
        for start in range(first, first + count, part):
            got = within(start, part)
            rows += got
            if len(got) < part or (cap(rows) or part) < part:
                break
        return rows

    first = (number - 1) * size
    return split(first, size) if size > 1 else within(first, 1)


def _largest_divisor(count: int) -> int:
    return next(count // divisor for divisor in range(2, count + 1) if count % divisor == 0)


def first_fields(text: str, *, shape: str) -> dict[str, Any]:
    """Return the plain values of the first object of a list, as far as the beginning of an answer shows them.

    `shape` is what stands open around them: "[{" for a bare list, "{[{" for one under a name.
    """
    found: dict[str, Any] = {}
    open_ones, name, last = "", "", ""
    for word in _TOKEN.findall(text):
        if word in "{[":
            open_ones, name = open_ones + word, ""
        elif word in "}]":
            if open_ones == shape and word == "}":
                break
            open_ones = open_ones.removesuffix(_CLOSES[word])
        elif word == ":":
            name = json.loads(last) if open_ones == shape else ""
        elif word == ",":
            name = ""
        elif name:
            found[name] = json.loads(word)
        last = word
    return found
