"""Functions on texts."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal

import re2
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from flows.transforms.registry import transform
from flows.transforms.values import MAX_TEXT, as_text, checked_list, failed

MAX_PATTERN = 500
SEARCH_BUDGET = 200_000_000  # matches times characters: each search may look at the whole rest of the text
Length = Annotated[int, Field(ge=0, le=MAX_TEXT)]
Filled = Annotated[str, Field(min_length=1, max_length=1000)]
Short = Annotated[str, Field(max_length=1000)]


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Any:
    """Compile for RE2, which never hangs. Raises ValueError in words for a person."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(_("the pattern is longer than %(limit)s characters") % {"limit": MAX_PATTERN})
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_("the pattern cannot be read (look-around and back-references do not exist here)")) from error


def _check_pattern(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_check_pattern)]


@transform(example=("blue shirt", {}, "BLUE SHIRT"))
def upper(value: str) -> str:
    """Write the text in capitals."""
    return value.upper()


@transform(example=("Jan@Example.ORG", {}, "jan@example.org"))
def lower(value: str) -> str:
    """Write the text in small letters."""
    return value.lower()


@transform(example=("blue SHIRT", {}, "Blue SHIRT"))
def capitalize(value: str) -> str:
    """Make the first letter a capital and leave the rest."""
    return value[:1].upper() + value[1:]


@transform(example=("JAN van dijk", {}, "Jan Van Dijk"))
def capitalize_words(value: str) -> str:
    """Start each word with a capital and write the rest small."""
    return " ".join(word[:1].upper() + word[1:].lower() for word in value.split(" "))


@transform(example=("A-100", {"find": "-", "put": "/"}, "A/100"))
def replace(value: str, *, find: Filled, put: Short = "") -> str:
    """Replace every occurrence of one text by another."""
    if len(value) + value.count(find) * (len(put) - len(find)) > MAX_TEXT:
        raise failed(_("the text is longer than %(limit)s characters") % {"limit": MAX_TEXT})
    return value.replace(find, put)


@transform(example=("Blue shirt", {"length": 4}, "Blue"))
def truncate(value: str, *, length: Length) -> str:
    """Cut the text after this many characters."""
    return value[:length].rstrip() if len(value) > length else value


@transform(example=("42", {"length": 5, "fill": "0"}, "00042"))
def pad(
    value: str,
    *,
    length: Annotated[int, Field(ge=0, le=1000)],
    fill: Annotated[str, Field(min_length=1, max_length=1)] = " ",
    side: Literal["left", "right"] = "left",
) -> str:
    """Fill the text up to this length with a character, in front or behind."""
    return value.rjust(length, fill) if side == "left" else value.ljust(length, fill)


@transform(example=("100", {"text": "TL-"}, "TL-100"))
def prefix(value: str, *, text: Short) -> str:
    """Put a text in front."""
    return text + value


@transform(example=("100", {"text": " EUR"}, "100 EUR"))
def suffix(value: str, *, text: Short) -> str:
    """Put a text behind."""
    return value + text


@transform(example=("a;b;c", {"separator": ";"}, ["a", "b", "c"]))
def split(value: str, *, separator: Filled) -> list[str]:
    """Cut the text at each separator into a list."""
    if value.count(separator) > MAX_TEXT // 10:
        checked_list([None] * value.count(separator))
    return [part.strip() for part in value.split(separator)]


@transform(example=("shirt - blue - XL", {"separator": "-", "part": 2}, "blue"))
def take_part(value: str, *, separator: Filled, part: Annotated[int, Field(ge=-1000, le=1000)]) -> str:
    """Cut the text at each separator and take one part: 1 is the first, -1 the last, none is an empty text."""
    parts = value.split(separator)
    index = part - 1 if part > 0 else part
    return parts[index].strip() if part and -len(parts) <= index < len(parts) else ""


@transform(example=("A-100-XL", {"start": 3, "length": 3}, "100"))
def substring(value: str, *, start: Annotated[int, Field(ge=1, le=MAX_TEXT)], length: Length = MAX_TEXT) -> str:
    """Take so many characters from a position on; the first character is 1."""
    return value[start - 1 : start - 1 + length]


@transform(example=("Order 4711 of May", {"pattern": r"Order (\d+)", "group": 1}, "4711"))
def find_pattern(value: str, *, pattern: Pattern, group: Annotated[int, Field(ge=0, le=20)] = 0) -> str:
    """Take what a pattern (RE2) finds, or one of its groups in brackets. Nothing found gives an empty text."""
    match = compile_pattern(pattern).search(value)
    return (match.group(group) or "") if match else ""


@transform(example=("A 100  B", {"pattern": r"\s+", "put": "-"}, "A-100-B"))
def replace_pattern(value: str, *, pattern: Pattern, put: Short = "") -> str:
    """Replace everything a pattern (RE2) finds by a text."""
    pieces: list[str] = []
    end = size = 0
    for found, match in enumerate(compile_pattern(pattern).finditer(value), start=1):
        pieces += (value[end : match.start()], put)
        end = match.end()
        size += len(pieces[-2]) + len(put)
        if size > MAX_TEXT or found * len(value) > SEARCH_BUDGET:
            raise failed(_("the pattern finds too much in this text"))
    return "".join((*pieces, value[end:]))


@transform(example=(4711, {}, "4711"))
def to_text(value: Any) -> str:
    """Write a number or date as text."""
    return as_text(value)
