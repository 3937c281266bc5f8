"""Which customer of the target a customer is: a ladder of keys, one after the other, and never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Existing, SourceRecord, Target
from connectors.core import Customer
from flows.catalog.base import Resolved, with_resolved
from flows.engine import solving

if TYPE_CHECKING:
    from flows.engine.work import Work

NAME_AND_POSTCODE = "name_postcode"  # says who it could be, and never decides
RUNGS = ("vat_number", "registration_number", "email", NAME_AND_POSTCODE)


@dataclass(frozen=True, slots=True)
class Match:
    """Who fits a customer. A suggestion asks a person, even if it is only one."""

    existing: tuple[Existing, ...] = ()
    is_suggestion: bool = False


def rung_value(customer: Customer, rung: str) -> str:
    """Return what a rung looks up, or "" for a customer that does not have it."""
    if rung != NAME_AND_POSTCODE:
        return str(getattr(customer, rung) or "")
    postcode = customer.primary_address.postal_code if customer.primary_address else None
    return f"{customer.name}|{postcode}" if postcode else ""


def find_by_ladder(target: Target, customer: Customer, ladder: Sequence[str]) -> Match:
    """Return what the first rung with a hit finds; a rung without a value is passed over, and suggestions come last."""
    for rung in sorted(ladder, key=NAME_AND_POSTCODE.__eq__):
        value = rung_value(customer, rung) if rung in target.finders else ""
        found = target.find(rung, value) if value else []
        if found:
            return Match(tuple(found), is_suggestion=rung == NAME_AND_POSTCODE)
    return Match()


def resolve_customers(work: Work, kind: str, records: Sequence[SourceRecord], ladder: Sequence[str]) -> list[Resolved]:
    """Look every customer up by the ladder, overlapped."""
    target = work.target(kind)

    def look_up(record: SourceRecord) -> Match:
        assert isinstance(record.core, Customer)
        return find_by_ladder(target, record.core, ladder)

    matches = work.target_side.api.overlap(look_up, list(records))
    suggested = [record.key for record, match in zip(records, matches, strict=True) if match.is_suggestion]
    apart = solving.kept_apart(work, kind, suggested) if suggested else set()
    return [_resolved(work, kind, record, match, apart) for record, match in zip(records, matches, strict=True)]


def _resolved(work: Work, kind: str, record: SourceRecord, match: Match, apart: set[str]) -> Resolved:
    named = with_resolved(record, reference=work.reference(kind, record.key))
    if not match.is_suggestion:
        return Resolved(named, match.existing)
    if record.key in apart:  # a person said that it is none of these
        return Resolved(named)
    choices = [{"id": one.id, "label": one.label or one.natural_key} for one in match.existing]
    candidates = ", ".join(choice["label"] for choice in choices[:5])
    params: dict[str, Any] = {
        "system": work.system,
        "key": record.natural_key,
        "candidates": candidates,
        "choices": choices,
    }
    return Resolved(named, code="match.suggested", params=params)
