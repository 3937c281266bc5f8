"""The results of a live check, as lines of a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apicenter.causes import sentence
from connectors.base import CheckResult, Finding
from dashboard.marks import Kind

LOOKS: dict[Finding, tuple[Kind, str]] = {
    Finding.OK: ("ok", "circle-check"),
    Finding.WARN: ("warn", "alert-triangle"),
    Finding.BAD: ("bad", "alert-circle"),
}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was tried and how it went."""

    kind: Kind
    icon: str
    what: str
    problem: str
    detail: str
    needs: str = ""  # the right, role or scope that is missing


def lines_of(results: Iterable[CheckResult]) -> list[CheckLine]:
    return [
        CheckLine(
            *LOOKS[result.finding],
            what=str(result.what),
            problem=sentence(result.code, result.params) if result.code else "",
            detail=result.detail,
            needs=str(result.needs) if result.code else "",
        )
        for result in results
    ]
