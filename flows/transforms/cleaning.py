"""Functions that clean texts."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import Field

from flows.transforms.registry import transform

_SPACES = re.compile(r"\s+")
INVISIBLE = ("Cc", "Cf", "Cs")  # control, format, half of a pair
LETTERS_WITHOUT_ACCENT = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ß": "ss", "đ": "d", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "Oe"}
)


def without_accents(text: str) -> str:
    """Return the text with é as e, ø as o, æ as ae."""
    parts = unicodedata.normalize("NFKD", text.translate(LETTERS_WITHOUT_ACCENT))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@transform(example=("  blue shirt ", {}, "blue shirt"))
def trim(value: str) -> str:
    """Remove spaces and line breaks at both ends."""
    return value.strip()


@transform(example=("blue \n  shirt", {}, "blue shirt"))
def collapse_spaces(value: str) -> str:
    """Put everything on one line, with single spaces."""
    return _SPACES.sub(" ", value).strip()


@transform(example=("Ørsted café", {}, "Orsted cafe"))
def remove_accents(value: str) -> str:
    """Write letters without accents: é becomes e, ø becomes o."""
    return without_accents(value)


@transform(example=("BE 0899.623.035", {}, "0899623035"))
def keep_digits(value: str) -> str:
    """Keep only the digits."""
    return "".join(letter for letter in value if "0" <= letter <= "9")


@transform(example=("BE 0899.623.035", {}, "BE0899623035"))
def keep_letters_digits(value: str) -> str:
    """Keep only letters and digits."""
    return "".join(letter for letter in value if letter.isalnum())


@transform(example=("A*100#", {"characters": "*#"}, "A100"))
def remove_characters(value: str, *, characters: Annotated[str, Field(min_length=1, max_length=200)]) -> str:
    """Remove each of these characters."""
    return value.translate(dict.fromkeys(map(ord, characters)))


@transform(example=("a\u0007b\u200bc", {}, "abc"))
def remove_control(value: str) -> str:
    """Remove invisible control characters; line breaks and tabs stay."""
    return "".join(one for one in value if one in "\n\t\r" or unicodedata.category(one) not in INVISIBLE)


@transform(example=("Café – Blue Shirt!", {}, "cafe-blue-shirt"))
def slug(value: str) -> str:
    """Make a text for addresses: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", without_accents(value).lower()).strip("-")


@transform(example=(" Jan.Peeters@Example.ORG ", {}, "jan.peeters@example.org"))
def email(value: str) -> str:
    """Write an e-mail address in small letters without spaces or “mailto:”."""
    return "".join(value.split()).lower().removeprefix("mailto:")
