"""VAT numbers of the countries our customers and theirs are in: one spelling, and whether the check digits fit.

Form and check digits of each country come from python-stdnum; no register is asked, so a number that fits may still
belong to nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from stdnum.ch import uid as swiss
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british
from stdnum.no import orgnr as norwegian

EUROPEAN_UNION = frozenset(code.upper() for code in european.MEMBER_STATES - {"xi"})
COUNTRIES = EUROPEAN_UNION | {"CH", "GB", "NO"}
LONGEST = 20
_PREFIXES = {"GR": "EL", "CH": "CHE"}  # where a number does not begin with the code of its country
_SWISS_ENDINGS, _NORWEGIAN_ENDING = ("MWST", "TVA", "IVA", "TPV"), "MVA"


def prefix_of(country: str) -> str:
    """Return what VAT numbers of a country begin with: "BE", "EL" for Greece, "CHE" for Switzerland."""
    return _PREFIXES.get(country, country)


def spelled(text: str, *, country: str = "") -> str:
    """Return a number in capitals, without signs and with the prefix of `country` if it lacks one; "" for an empty one.

    Whether it is a VAT number is not looked at.
    """
    number = "".join(sign for sign in text.upper() if sign.isascii() and (sign.isalnum() or sign in "+*"))
    if number.startswith("GR"):
        number = "EL" + number[2:]
    prefix = prefix_of(country)
    return number if not number or number.startswith(prefix) else prefix + number


def checked(text: str, *, country: str = "") -> str:
    """Return the number as it is written in one piece ("BE0899623035"), or "" if it is no VAT number.

    `country` is the ISO code of the country whose number it is if it names none itself.
    """
    return _checked(spelled(text)) or (_checked(spelled(text, country=country)) if country else "")


def is_of(text: str, country: str) -> bool:
    """Whether this is a VAT number of this country (ISO code)."""
    return country in COUNTRIES and _checked(spelled(text, country=country)).startswith(prefix_of(country))


def _checked(number: str) -> str:
    if len(number) > LONGEST:
        return ""
    check = next((check for prefix, check in _CHECKS.items() if number.startswith(prefix)), european.validate)
    try:
        return check(number)
    except ValidationError:
        return ""


def _check_swiss(number: str) -> str:
    ending = next((ending for ending in _SWISS_ENDINGS if number.endswith(ending)), "")
    return swiss.validate(number.removesuffix(ending)) + ending


def _check_norwegian(number: str) -> str:
    ending = _NORWEGIAN_ENDING if number.endswith(_NORWEGIAN_ENDING) else ""
    return "NO" + norwegian.validate(number[2:].removesuffix(ending)) + ending


def _check_british(number: str) -> str:
    return "GB" + british.validate(number)


_CHECKS: dict[str, Callable[[str], str]] = {"CHE": _check_swiss, "NO": _check_norwegian, "GB": _check_british}
