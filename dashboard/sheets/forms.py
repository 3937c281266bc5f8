"""What is asked about a file: which kind of sheet it is, how it is read, and which of its columns is what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from connectors.files import Choices, Look, SheetKind
from connectors.models import Connection

COLUMN = "column-"
ENCODINGS = ("utf-8", "cp1252", "utf-16")
DELIMITERS = (";", ",", "\t", "|")
MOST_LINES = 50


class SpreadsheetForm(forms.Form):
    """A connection with files, for one other system."""

    name = forms.CharField(max_length=150, required=False)
    currency = forms.RegexField("^[A-Za-z]{3}$", required=False, strip=True)

    def __init__(self, partners: QuerySet[Connection], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["partner"] = forms.ModelChoiceField(partners, label=_("The other system"), empty_label=None)
        self.order_fields(["partner", "name", "currency"])
        self.fields["name"].label = _("Name")
        self.fields["currency"].label = _("Currency of amounts that name none")
        self.fields["currency"].initial = "EUR"
        self.fields["currency"].error_messages["invalid"] = _("Three letters, such as EUR.")


class ColumnsForm(forms.Form):
    """How a file is read, and a box for each column with the headings of the file."""

    sheet = forms.ChoiceField(required=False)
    encoding = forms.ChoiceField(required=False)
    delimiter = forms.ChoiceField(required=False)
    decimal = forms.ChoiceField()
    header_line = forms.IntegerField(min_value=1, max_value=MOST_LINES)

    def __init__(
        self, kind: SheetKind, look: Look, columns: Mapping[str, str], data: Mapping[str, Any] | None = None
    ) -> None:
        chosen = look.choices.model_dump()
        super().__init__(data, initial={**chosen, **{COLUMN + name: heading for name, heading in columns.items()}})
        self.kind = kind
        self._choose("sheet", _("Sheet"), [(one, one) for one in look.sheets])
        names = {"utf-8": "UTF-8", "cp1252": _("Windows, Western Europe"), "utf-16": "UTF-16"}
        self._choose("encoding", _("Encoding"), [] if look.sheets else [(one, names[one]) for one in ENCODINGS])
        signs = {";": _("semicolon"), ",": _("comma"), "\t": _("tab"), "|": _("vertical bar")}
        self._choose(
            "delimiter", _("Between columns"), [] if look.sheets else [(one, signs[one]) for one in DELIMITERS]
        )
        self._choose("decimal", _("Decimals begin with"), [(",", _("comma")), (".", _("point"))])
        self.fields["header_line"].label = _("Line with the headings")
        headings = [("", _("not in the file")), *((heading, heading) for heading in look.headers)]
        for column in kind.columns:
            self.fields[COLUMN + column.name] = forms.ChoiceField(
                label=str(column.title),
                help_text=str(column.hint),
                choices=headings,
                required=column.is_required,
                error_messages={"required": _("Say which column of the file this is.")},
            )

    def _choose(self, name: str, label: str, choices: list[tuple[str, str]]) -> None:
        if not choices:
            del self.fields[name]
            return
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.choices = label, choices

    @property
    def reading(self) -> list[Any]:
        """The boxes about how the file is read."""
        return [field for field in self if not field.name.startswith(COLUMN)]

    @property
    def boxes(self) -> list[Any]:
        """The boxes of the columns."""
        return [field for field in self if field.name.startswith(COLUMN)]

    @property
    def columns(self) -> dict[str, str]:
        """Return column → heading, as it was chosen."""
        values = self.cleaned_data
        names = (column.name for column in self.kind.columns)
        return {name: values[COLUMN + name] for name in names if values.get(COLUMN + name)}


def sent_choices(data: Mapping[str, Any], before: Choices) -> Choices:
    """Return how the file is to be read, by what was sent; what makes no sense stays as it was."""
    values = before.model_dump()
    for name, allowed in (("encoding", ENCODINGS), ("delimiter", DELIMITERS), ("decimal", (",", "."))):
        if data.get(name) in allowed:
            values[name] = data[name]
    values["sheet"] = str(data.get("sheet") or before.sheet)
    line = str(data.get("header_line") or "")
    values["header_line"] = int(line) if line.isdecimal() and 1 <= int(line) <= MOST_LINES else before.header_line
    return Choices.model_validate(values)
