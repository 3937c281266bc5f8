"""Functions on codes with a known form: VAT numbers, EAN, registration numbers."""

from __future__ import annotations

import re
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from flows.transforms.registry import transform
from flows.transforms.values import failed

VAT_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CHE": r"\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}
_VAT = {country: re.compile(form + r"\Z") for country, form in VAT_FORMS.items()}
PREFIXES = {"GR": "EL", "CH": "CHE"}
EAN_LENGTHS = (8, 12, 13, 14)
Country = Annotated[str, Field(max_length=3)]


@transform(example=("BE 0899.623.035", {}, "BE0899623035"))
def vat_number(value: str, *, country: Country = "") -> str:
    """Check the form of a VAT number (EU, NO, CH) and write it without signs; say the country if it lacks one."""
    number = "".join(letter for letter in value.upper() if letter.isascii() and (letter.isalnum() or letter in "+*"))
    wanted = country.strip().upper()
    wanted = PREFIXES.get(wanted, wanted)
    if number[:2] == "GR":
        number = "EL" + number[2:]
    prefix = number[:3] if number[:3] == "CHE" else number[:2]
    if wanted and prefix != wanted and (prefix not in _VAT or not _VAT[prefix].match(number[len(prefix) :])):
        prefix, number = wanted, wanted + number
    rest = number[len(prefix) :]
    if prefix == "BE" and len(rest) == 9:
        rest = "0" + rest  # numbers given before 2005 have nine digits
    if prefix not in _VAT or not _VAT[prefix].match(rest):
        raise failed(_("“%(text)s” is not a VAT number") % {"text": value[:40]})
    return prefix + rest


@transform(example=("5 412345 000013", {}, "5412345000013"))
def ean(value: str) -> str:
    """Check an EAN or GTIN by its check digit and write it without spaces."""
    digits = "".join(value.split()).replace("-", "")
    if len(digits) not in EAN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        raise failed(_("“%(text)s” is not an EAN of 8, 12, 13 or 14 digits") % {"text": value[:40]})
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(digits)))
    if weighted % 10:
        raise failed(_("the check digit of the EAN “%(text)s” is wrong") % {"text": value[:40]})
    return digits


@transform(example=("nl_BE", {}, "nl"))
def language_code(value: str) -> str:
    """Take the two letters of a language from codes such as nl_BE or FR-fr."""
    code = value.strip().lower()
    if not re.match(r"[a-z]{2}([-_][a-z]{2,4})?\Z", code):
        raise failed(_("“%(text)s” is not a language code") % {"text": value[:40]})
    return code[:2]
