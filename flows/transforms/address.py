"""Functions on the parts of addresses, and on telephone numbers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from flows.transforms.countries import CALLING_CODES, COUNTRY_NAMES, KEEPS_ZERO, plain_name
from flows.transforms.registry import transform
from flows.transforms.values import failed

OTHER_CODES = {"UK": "GB", "EL": "GR"}
MAX_LINE = 500
MIN_PHONE, MAX_PHONE = 7, 15  # digits, country code included (E.164)
_STREET_FIRST = r"(?P<street>\D.*?)[\s,]+(?P<number>\d{1,6})"
_BOX = "bus|bte|b|boite|boîte|box|app|appt|apt|hus|leil|lgh|toe|tv|th"
_ADDITION = rf"(?P<addition>\s?[A-Za-z]?(?:[\s,/-]+(?:(?:{_BOX})\b.*|\d\w*))?)"
_NUMBER_LAST = re.compile(_STREET_FIRST + _ADDITION + r"\Z", re.IGNORECASE)
_NUMBER_ANYWHERE = re.compile(_STREET_FIRST + r"(?P<addition>[^\d].*)?\Z")
_NUMBER_FIRST = re.compile(
    r"(?P<number>\d{1,6})(?P<addition>\s?(?:bis|ter|quater|[A-Za-z])(?=[\s,]))?[\s,]+(?P<street>\D.*)\Z"
)


def _check_country(code: str) -> str:
    if code.strip().upper() not in CALLING_CODES:
        raise ValueError(_("use the two letters of a country, such as BE"))
    return code.strip().upper()


Country = Annotated[str, Field(max_length=3), AfterValidator(_check_country)]


@transform(example=("Kerkstraat 12 bus 3", {"part": "number"}, "12"))
def split_street(value: str, *, part: Literal["street", "number", "addition"]) -> str:
    """Split a street line and take the street, the house number or what follows the number."""
    line = " ".join(value[:MAX_LINE].split())
    match = _NUMBER_FIRST.match(line) or _NUMBER_LAST.match(line) or _NUMBER_ANYWHERE.match(line)
    if not match:
        return line if part == "street" else ""
    return (match[part] or "").strip(" ,-/")


@transform(example=("Noorwegen", {}, "NO"))
def country_code(value: str) -> str:
    """Turn a country's name (English, French, Dutch, Norwegian, its own) into its two letters."""
    text = value.strip()
    if len(text) == 2 and text.isascii() and text.isalpha():
        return OTHER_CODES.get(text.upper(), text.upper())
    code = COUNTRY_NAMES.get(plain_name(text[:100]))
    if code is None:
        raise failed(_("“%(text)s” is not a country we know") % {"text": text[:40]})
    return code


@transform(example=("0475 12 34 56", {"country": "BE"}, "+32475123456"))
def phone(value: str, *, country: Country) -> str:
    """Write a telephone number with the country's code and without spaces; say the country if it lacks one."""
    text = value.strip().lower().removeprefix("tel:").replace("(0)", "")
    digits = "".join(letter for letter in text if "0" <= letter <= "9")
    if text.startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    else:
        number = CALLING_CODES[country] + (digits if country in KEEPS_ZERO else digits.removeprefix("0"))
    if not MIN_PHONE <= len(number) <= MAX_PHONE or re.search(r"[a-z]{2}", text):
        raise failed(_("“%(text)s” is not a telephone number") % {"text": value[:40]})
    return "+" + number
