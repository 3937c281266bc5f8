"""What a field comes to for the record that is looked at, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.base import FieldInfo
from dashboard.mapping.words import value_words
from flows.maps.paths import MISSING, is_empty
from flows.maps.samples import Result

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result column of a row.

    `kind`: change (before and after), plain (what is sent), same, kept, error, later, empty, none.
    """

    kind: str
    text: str = ""
    before: str = ""
    note: str = ""
    is_too_long: bool = False

    @property
    def is_bad(self) -> bool:
        return self.kind == "error" or self.is_too_long


def outcome_of(result: Result | None, info: FieldInfo, *, labels: Labels, target: str, is_required: bool) -> Outcome:
    """Return the words for a result. `target` is the other system's name."""
    if result is None:
        return Outcome("none")
    if result.outcome == "error":
        return Outcome("error", result.error)
    if result.outcome == "later":
        return Outcome("later", _("Found out when it is sent"))
    if result.outcome in ("off", "kept"):
        return _kept(result, labels, target)
    if result.outcome == "empty" or (is_required and is_empty(result.value)):
        if is_required:
            return Outcome("error", _("%(system)s requires it, and this record gives no value") % {"system": target})
        return Outcome("empty", _("No value, left out"), note=_lines(result))
    return _sent(result, info, labels)


def _sent(result: Result, info: FieldInfo, labels: Labels) -> Outcome:
    text = value_words(result.value, labels=labels)
    too_long = is_too_long(result, info)
    note = _lines(result)
    if too_long:
        note = _too_long_words(result, info)
    if result.outcome == "same":
        return Outcome("same", text, note=note, is_too_long=too_long)
    if result.old is MISSING:
        return Outcome("plain", text, note=note, is_too_long=too_long)
    return Outcome("change", text, value_words(result.old, labels=labels), note, too_long)


def misfit(result: Result | None, info: FieldInfo, *, target: str) -> str:
    """Return why the other system would not take what is made of the record, whenever it is sent, or ""."""
    if result is None or result.outcome in ("later", "off", "error"):
        return ""
    if is_too_long(result, info):
        return _too_long_words(result, info)
    if info.is_required and is_empty(result.value):
        return _("%(system)s requires it, and this record gives no value") % {"system": target}
    return ""


def _too_long_words(result: Result, info: FieldInfo) -> str:
    return _("%(count)s characters, %(limit)s fit") % {"count": len(str(result.value)), "limit": info.max_length}


def is_too_long(result: Result, info: FieldInfo) -> bool:
    """Return whether the value does not fit into the field."""
    return bool(info.max_length and isinstance(result.value, str) and len(result.value) > info.max_length)


def _kept(result: Result, labels: Labels, target: str) -> Outcome:
    if result.why == "no_update":
        return Outcome("kept", _("Not sent. This flow changes nothing that exists in %(system)s.") % {"system": target})
    stays = value_words(result.old, labels=labels) if result.old is not MISSING else ""
    words = {
        "never": _("Switched off."),
        "on_create": _("Not sent."),
        "touched": _("Not sent: somebody edited it there."),
        "filled": _("Not sent: it is filled already."),
    }[result.why]
    if not stays:
        return Outcome("kept", words)
    rest = _("Stays empty.") if stays == "–" else _("Stays: %(value)s") % {"value": stays}
    return Outcome("kept", f"{words} {rest}")


def _lines(result: Result) -> str:
    """Say that what is shown is the first of several lines."""
    others = result.rows - 1
    if others <= 0:
        return ""
    return ngettext("and %(count)s more line", "and %(count)s more lines", others) % {"count": others}
