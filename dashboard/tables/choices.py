"""A value as a form carries it: a code, nothing on purpose, or nothing yet. The three are never confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Option
from flows.models import ValueRow
from flows.tables.option_lists import OptionList

OPEN = ""  # no counterpart yet
EMPTY = "!"  # the field is sent empty on purpose
CODE = "="  # and the code after it
MOST_SHOWN = 6000  # option elements on one page; above that a row shows its own value and a way to change it


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person may pick: `value` as the form carries it."""

    value: str
    label: str


def encoded(row: ValueRow | None) -> str:
    """Return a row's value as the form carries it."""
    if row is None or (not row.value and not row.is_confirmed):
        return OPEN
    return f"{CODE}{row.value}" if row.value else EMPTY


def decoded(choice: str) -> tuple[str, bool]:
    """Return the value, and whether it is empty on purpose."""
    return (choice[1:], False) if choice.startswith(CODE) else ("", choice == EMPTY)


def chosen_in(post: Mapping[str, str], name: str) -> str | None:
    """Return what a form says about a row: from its list, or from its text box. None if it says nothing."""
    if name in post:
        return post[name]
    if f"{name}-text" not in post:
        return None
    text = post[f"{name}-text"].strip()
    return f"{CODE}{text}" if text else EMPTY if f"{name}-empty" in post else OPEN


def choices_of(found: OptionList | None) -> list[Choice]:
    """Return a list as choices; options of one name are told apart by their group or their value."""
    options = found.options if found else ()
    names = Counter(option.label for option in options)
    return [Choice(f"{CODE}{option.value}", option_label(option, names)) for option in options]


def option_label(option: Option, names: Mapping[str, int]) -> str:
    if names[option.label] < 2:
        return option.label
    return f"{option.label} ({option.group or option.value})"


def labels_of(options: Sequence[Option]) -> dict[str, str]:
    """Return value -> label, each label only once."""
    names = Counter(option.label for option in options)
    return {option.value: option_label(option, names) for option in options}
