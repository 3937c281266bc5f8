"""What people send about value tables, as rows to store."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _

from connectors.maps import NoPair
from dashboard.tables.choices import CODE, chosen_in, decoded
from dashboard.tables.page import RowLine, TablePage
from flows.documents.vat_kinds import AT_RATE, read_percent
from flows.tables.value_tables import LONGEST, RowEdit

MOST_BYTES = 1_000_000


class NotAccepted(ValueError):
    """What was sent cannot be stored; the text says why, to a person."""


def changed_rows(page: TablePage, post: Mapping[str, str]) -> list[RowEdit]:
    """Return the rows that the form changes. Raises NotAccepted."""
    edits = []
    for line in page.lines:
        choice = chosen_in(post, line.name)
        if choice is not None and choice != line.choice:
            edits.append(row_edit(page, line.key, choice, label=_label(line)))
    return edits


def suggested_row(page: TablePage, name: str) -> RowEdit | None:
    """Return the row as its suggestion would have it."""
    line = next((line for line in page.lines if line.name == name and line.suggestion), None)
    if line is None or line.suggestion is None:
        return None
    return row_edit(page, line.key, f"{CODE}{line.suggestion.value}", label=_label(line))


def _label(line: RowLine) -> str:
    return line.row.key_label if line.row else line.parts[0] if len(line.parts) == 1 else ""


def new_row(page: TablePage, post: Mapping[str, str]) -> RowEdit:
    """Return the row that is to be added. Raises NotAccepted."""
    first = (decoded(post["key"])[0] if "key" in post else post.get("key-text", "")).strip()
    second = post.get("second", "").strip()
    second += _rate(page, post)
    key = f"{first}|{second}" if page.second_keys and second else first
    if not first:
        raise NotAccepted(_("Say which value the row is for."))
    if "|" in first or len(key) > LONGEST:
        raise NotAccepted(_("“%(value)s” cannot be the value of a row.") % {"value": first[:40]})
    if page.table.rows.filter(key=key).exists():
        raise NotAccepted(_("There is a row for that value already."))
    label = page.left.labels.get(first, "") if page.left else ""
    return row_edit(page, key, chosen_in(post, "value") or "", label=label)


def _rate(page: TablePage, post: Mapping[str, str]) -> str:
    """Return what a row for one VAT rate adds to its key. Raises NotAccepted."""
    text = post.get("rate", "").strip()
    if not page.has_rate or not text:
        return ""
    try:
        return f"{AT_RATE}{read_percent(text)}"
    except ValueError as error:
        raise NotAccepted(_("“%(value)s” is no VAT rate in percent.") % {"value": text[:40]}) from error


def row_edit(page: TablePage, key: str, choice: str, *, label: str = "") -> RowEdit:
    """Return one row as chosen. Raises NotAccepted for a value that the target does not offer."""
    value, sends_empty = decoded(choice)
    _ensure_offered(page, value)
    labels = page.right.labels if page.right else {}
    return RowEdit(key, value, sends_empty, key_label=label, value_label=labels.get(value, ""))


def chosen_rule(page: TablePage, post: Mapping[str, str]) -> tuple[NoPair, str]:
    """Return what is to happen if no row fits, and the default. Raises NotAccepted."""
    rule = post.get("rule", "")
    if rule == "empty":
        return NoPair.DEFAULT, ""
    if rule != NoPair.DEFAULT:
        if rule not in set(NoPair):
            raise NotAccepted(_("Choose what happens if no row fits."))
        return NoPair(rule), ""
    value = decoded(chosen_in(post, "default") or "")[0]
    if not value:
        raise NotAccepted(_("Choose the default, or leave the field empty on purpose."))
    _ensure_offered(page, value)
    return NoPair.DEFAULT, value


def _ensure_offered(page: TablePage, value: str) -> None:
    if len(value) > LONGEST:
        raise NotAccepted(_("“%(value)s” is too long.") % {"value": value[:40]})
    offered = page.right.labels if page.right and page.right.options else None
    if value and offered is not None and value not in offered:
        raise NotAccepted(_("“%(value)s” does not exist there.") % {"value": value})


class ImportForm(forms.Form):
    """A file, or the same pasted from a sheet."""

    file = forms.FileField(required=False)
    content = forms.CharField(required=False, strip=False, max_length=MOST_BYTES, widget=forms.Textarea)
    replaces = forms.BooleanField(required=False)

    def data_sent(self) -> bytes:
        """Return what is to be read; empty if nothing was sent."""
        upload = self.cleaned_data.get("file")
        if upload is not None:
            return upload.read(MOST_BYTES + 1)
        return self.cleaned_data.get("content", "").encode()
