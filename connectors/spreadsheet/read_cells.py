"""What a person typed into a cell, as a value. Every refusal names the column and the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from apicenter.errors import RecordError
from connectors.core import JSONDict
from connectors.files import Column

SPACES = "\u00a0\u202f\u2009 '’"
SIGNS = re.compile(r"[€$£]|\b(?:EUR|USD|GBP)\b", re.IGNORECASE)
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%Y/%m/%d", "%Y%m%d")
YES = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai", "ja", "j", "waar", "active", "actif", "actief"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "nee", "onwaar", "inactive", "inactif", "inactief"})
LONGEST_NUMBER = 40


class BadCell(RecordError):
    """A cell holds something that its column cannot be."""

    default_code = "file.cell"


class Cells:
    """One row of a sheet by our names of its columns."""

    def __init__(self, cells: Mapping[str, str], *, decimal: str, line: int, columns: Mapping[str, Column]) -> None:
        self._cells = cells
        self._decimal = decimal
        self._line = line
        self._columns = columns

    def text(self, name: str) -> str | None:
        """Return what stands there, or None for an empty cell."""
        return self._cells.get(name, "").strip() or None

    def required(self, name: str) -> str:
        found = self.text(name)
        if found is None:
            raise self._bad(name, _("it is empty"))
        return found

    def number(self, name: str) -> Decimal | None:
        text = self.text(name)
        if text is None:
            return None
        number = read_number(text, self._decimal)
        if number is None:
            raise self._bad(name, _("“%(value)s” is not a number") % {"value": text[:40]})
        return number

    def required_number(self, name: str) -> Decimal:
        self.required(name)
        found = self.number(name)
        assert found is not None
        return found

    def day(self, name: str) -> date | None:
        text = self.text(name)
        if text is None:
            return None
        found = read_day(text)
        if found is None:
            raise self._bad(name, _("“%(value)s” is not a date") % {"value": text[:40]})
        return found

    def yes(self, name: str) -> bool:
        """Return whether a cell says yes; an empty one does."""
        text = self.text(name)
        if text is None or text.casefold() in YES:
            return True
        if text.casefold() in NO:
            return False
        raise self._bad(name, _("“%(value)s” is neither yes nor no") % {"value": text[:40]})

    def vat(self, name: str) -> tuple[str | None, Decimal | None]:
        """Return the VAT as a code for value tables ("21") and as a fraction, if it is a rate."""
        text = self.text(name)
        if text is None:
            return None, None
        number = read_number(text.removesuffix("%"), self._decimal)
        if number is None or not 0 <= number <= 100:
            return text, None
        percent = number * 100 if 0 < number < 1 and not text.endswith("%") else number
        return plain(percent), percent / 100

    def country(self, name: str) -> str | None:
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch("[A-Za-z]{2}", text):
            raise self._bad(name, _("“%(value)s” is not a country of two letters, such as BE") % {"value": text[:40]})
        return text.upper()

    def currency(self, usual: str) -> str:
        text = self.text("currency") or usual
        if not re.fullmatch("[A-Za-z]{3}", text):
            raise self._bad(
                "currency", _("“%(value)s” is not a currency of three letters, such as EUR") % {"value": text[:40]}
            )
        return text.upper()

    def _bad(self, name: str, why: str) -> BadCell:
        column = self._columns.get(name)
        title = str(column.title) if column else name
        return BadCell(field=name, column=title, line=str(self._line), why=why)


def cells_of(raw: JSONDict, columns: tuple[Column, ...]) -> Cells:
    """Return the cells of a stored row."""
    by_name = {column.name: column for column in columns}
    return Cells(raw.get("cells", {}), decimal=raw.get("decimal", "."), line=int(raw.get("line", 0)), columns=by_name)


def read_number(text: str, decimal: str) -> Decimal | None:
    """Read "1.234,50", "1 234.5", "€ 12" or "-3" by the sign that starts the decimals; None for anything else."""
    bare = SIGNS.sub("", text)
    for space in SPACES:
        bare = bare.replace(space, "")
    other = "." if decimal == "," else ","
    whole, _sign, fraction = bare.partition(decimal)
    if other in fraction or len(bare) > LONGEST_NUMBER:
        return None
    if other in whole and not re.fullmatch(rf"[-+]?\d{{1,3}}(?:\{other}\d{{3}})+", whole):
        return None  # no groups of thousands: another sign starts the decimals here
    number = f"{whole.replace(other, '')}.{fraction}" if fraction else whole.replace(other, "")
    if not re.fullmatch(r"[-+]?\d*\.?\d+", number):
        return None
    try:
        return Decimal(number)
    except InvalidOperation:
        return None


def read_day(text: str) -> date | None:
    """Read a date as people write it in Europe: the day before the month."""
    head = text.split("T")[0].split(" ")[0]
    for form in DATES:
        try:
            return datetime.strptime(head, form).date()
        except ValueError:
            continue
    return None


def plain(number: Decimal) -> str:
    """Return a number without zeros that say nothing: "21", "5.5"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
