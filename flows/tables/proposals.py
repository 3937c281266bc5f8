"""Proposing pairs for value tables from two lists of options. A person confirms them; nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from connectors.base import Option
from flows.tables.option_words import find_term, find_unit, plain_words

Certainty = Literal["certain", "suggested", "open"]
MIN_OVERLAP = 0.5  # of all words of both names together


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair for one option of the left list; `right` is None where nothing fits."""

    left: Option
    right: Option | None
    certainty: Certainty
    why: str
    fits: tuple[Option, ...] = ()  # where several fit and nothing speaks for one of them


@dataclass(frozen=True, slots=True)
class _Right:
    """The right list, read once."""

    options: Sequence[Option]
    by_name: dict[str, list[Option]]
    by_rate: dict[Decimal, list[Option]]
    by_term: dict[tuple[str, int], list[Option]]
    by_unit: dict[str, list[Option]]
    words: list[frozenset[str]]


Rule = Callable[[Option, _Right], Proposal | None]


def propose(left: Sequence[Option], right: Sequence[Option]) -> list[Proposal]:
    """Return one proposal per option of the left list, in its order."""
    known = _read(right)
    return [_propose_one(option, known) for option in left]


def _propose_one(option: Option, known: _Right) -> Proposal:
    for rule in RULES:
        found = rule(option, known)
        if found:
            return found
    return Proposal(option, None, "open", _("Nothing on the other side fits; choose one."))


def _read(options: Sequence[Option]) -> _Right:
    known = _Right(options, {}, {}, {}, {}, [])
    for option in options:
        for name in _names(option):
            known.by_name.setdefault(name, []).append(option)
        if option.rate is not None:
            known.by_rate.setdefault(option.rate, []).append(option)
        term, unit = find_term(option), find_unit(option)
        if term:
            known.by_term.setdefault(term, []).append(option)
        if unit:
            known.by_unit.setdefault(unit, []).append(option)
        known.words.append(frozenset(plain_words(option.label).split()))
    return known


def _names(option: Option) -> list[str]:
    """Return what the option may be recognised by. A mere number means something else in each system."""
    names = {plain_words(option.label), plain_words(option.value)}
    return [name for name in sorted(names) if len(name) > 1 and not name.replace(" ", "").isdigit()]


def _by_rate(option: Option, known: _Right) -> Proposal | None:
    if option.rate is None or not known.by_rate:
        return None
    same = known.by_rate.get(option.rate, [])
    if not same:
        return Proposal(option, None, "open", _("No rate of %(rate)s %% on the other side.") % _percent(option))
    named = [one for one in same if set(_names(one)) & set(_names(option))]
    if len(named) == 1:
        return Proposal(option, named[0], "certain", _("Same rate and same name."))
    if len(same) == 1 and option.rate:
        return Proposal(option, same[0], "certain", _("The only rate of %(rate)s %%.") % _percent(option))
    if len(same) == 1:
        return Proposal(option, same[0], "suggested", _("No VAT on both sides; there are several reasons for that."))
    grouped = [one for one in same if option.group and plain_words(one.group) == plain_words(option.group)] or same
    if len(grouped) == 1:
        return Proposal(option, grouped[0], "suggested", _("Same rate and same group."))
    default = [one for one in grouped if one.is_default]
    if len(default) == 1:
        return Proposal(option, default[0], "suggested", _("Same rate; the default among several."))
    nearest = _nearest(option, grouped)
    if nearest:
        return Proposal(option, nearest, "suggested", _("Same rate and the most similar name."))
    why = _("Several with the rate of %(rate)s %%; choose one.") % _percent(option)
    return Proposal(option, None, "open", why, tuple(grouped))


def _percent(option: Option) -> dict[str, str]:
    percent = (option.rate or Decimal(0)) * 100
    return {"rate": f"{percent.normalize() if percent else percent:f}"}


def _by_ledger(option: Option, known: _Right) -> Proposal | None:
    """A category may say itself which ledger account it is booked on."""
    number = option.extra.get("ledger_account")
    found = next((one for one in known.options if number and one.value == number), None)
    return Proposal(option, found, "certain", _("The account that the other side names itself.")) if found else None


def _by_name(option: Option, known: _Right) -> Proposal | None:
    for name in _names(option):
        same = _distinct(known.by_name.get(name, []))
        if len(same) == 1:
            return Proposal(option, same[0], "certain", _("Same name."))
        if same:
            return Proposal(option, _preferred(option, same), "suggested", _("Same name; there are several."))
    return None


def _by_term(option: Option, known: _Right) -> Proposal | None:
    term = find_term(option)
    same = known.by_term.get(term, []) if term else []
    if not same:
        return None
    if len(same) == 1:
        return Proposal(option, same[0], "certain", _("Same payment term."))
    return Proposal(option, _preferred(option, same), "suggested", _("Same payment term; there are several."))


def _by_unit(option: Option, known: _Right) -> Proposal | None:
    unit = find_unit(option)
    same = known.by_unit.get(unit, []) if unit else []
    if not same:
        return None
    if len(same) == 1:
        return Proposal(option, same[0], "certain", _("Another word for the same unit."))
    return Proposal(option, _preferred(option, same), "suggested", _("Same unit by another word; there are several."))


def _by_words(option: Option, known: _Right) -> Proposal | None:
    nearest = _nearest(option, known.options, known.words)
    return Proposal(option, nearest, "suggested", _("Similar name.")) if nearest else None


def _nearest(option: Option, options: Sequence[Option], words: Sequence[frozenset[str]] | None = None) -> Option | None:
    """Return the option that shares most words, if there is one such and it shares enough."""
    own = frozenset(plain_words(option.label).split())
    if not own:
        return None
    words = words or [frozenset(plain_words(one.label).split()) for one in options]
    scores = [len(own & other) / len(own | other) for other in words]
    best = max(scores, default=0.0)
    return options[scores.index(best)] if best >= MIN_OVERLAP and scores.count(best) == 1 else None


def _preferred(option: Option, same: Sequence[Option]) -> Option:
    by_name = _nearest(option, same)
    return by_name or next((one for one in same if one.is_default), same[0])


def _distinct(options: Sequence[Option]) -> list[Option]:
    return list({one.value: one for one in options}.values())


RULES: tuple[Rule, ...] = (_by_ledger, _by_rate, _by_name, _by_term, _by_unit, _by_words)
