"""Functions on codes with a known form: VAT numbers, EAN, registration numbers."""

from __future__ import annotations

import re
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field
from stdnum import ean as standard_ean

from apicenter.vat_numbers import checked
from flows.transforms.registry import transform
from flows.transforms.values import failed

EAN_LENGTHS = (8, 12, 13, 14)
Country = Annotated[str, Field(max_length=3)]


@transform(example=("BE 0899.623.035", {}, "BE0899623035"))
def vat_number(value: str, *, country: Country = "") -> str:
    """Check a VAT number (EU, GB, NO, CH) and write it without signs; say the country if it lacks one."""
    number = checked(value, country=country.strip().upper())
    if not number:
        raise failed(_("“%(text)s” is not a VAT number") % {"text": value[:40]})
    return number


@transform(example=("5 412345 000013", {}, "5412345000013"))
def ean(value: str) -> str:
    """Check an EAN or GTIN by its check digit and write it without spaces."""
    digits = "".join(value.split()).replace("-", "")
    if len(digits) not in EAN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        raise failed(_("“%(text)s” is not an EAN of 8, 12, 13 or 14 digits") % {"text": value[:40]})
    if not standard_ean.is_valid(digits):
        raise failed(_("the check digit of the EAN “%(text)s” is wrong") % {"text": value[:40]})
    return digits


@transform(example=("nl_BE", {}, "nl"))
def language_code(value: str) -> str:
    """Take the two letters of a language from codes such as nl_BE or FR-fr."""
    code = value.strip().lower()
    if not re.match(r"[a-z]{2}([-_][a-z]{2,4})?\Z", code):
        raise failed(_("“%(text)s” is not a language code") % {"text": value[:40]})
    return code[:2]
