"""A document as it was sent, as it stands there, and as it is wanted now: what differs, and who changed it. Pure.

What was sent is kept as a hash per line (`line_hashes`), so that somebody's edits in the target are seen without
keeping the values. A line that is as it was sent, or already as it is wanted, was touched by nobody else: a revision of
ours that was answered half way can be finished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from connectors.core import JSONDict
from connectors.revising import Comparing, LineRevision, LineWork, Revision, Standing, StandingLine
from flows.engine.fingerprint import hash_value
from flows.maps.paths import MISSING, get_path, set_path

DIGITS = Decimal("0.0001")  # finer differences are the target's way of keeping numbers
FIELDS = "fields"
CUSTOM = "custom_fields."
DAY_LENGTH = 10  # documents are dated by the day


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which the document there is not as it is wanted. A line has its item; a field of the head a path.

    `before` and `after` hold what differs, or the whole line where it is new or goes.
    """

    work: str  # insert, update, delete
    item: str = ""
    path: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing came to. `is_touched`: somebody changed it there, or nobody knows any more how it was sent."""

    differences: tuple[Difference, ...]
    revision: Revision
    is_touched: bool
    is_fixed: bool  # a field differs that cannot change once the document is made


def followed_sources(sources: Mapping[str, str], comparing: Comparing | None) -> tuple[str, ...]:
    """Return the custom fields that a document follows. `sources` are those of a map: target -> source."""
    followed = comparing.head if comparing else ()
    return tuple(sorted(one for path in followed if (one := sources.get(path, "")).startswith(CUSTOM)))


def line_hashes(payload: Mapping[str, Any], comparing: Comparing) -> dict[str, str]:
    """Return what is kept of the lines of a payload: a hash per line, and which fields it covers."""
    lines = payload.get(comparing.lines) or ()
    fields = [name for name in comparing.line if all(line.get(name) is not None for line in lines)]
    hashes = {f"{comparing.lines}.{index}": _hash(line, fields) for index, line in enumerate(lines)}
    return {**hashes, f"{comparing.lines}.{FIELDS}": ",".join(fields)}


def compare(
    standing: Standing, payload: Mapping[str, Any], comparing: Comparing, sent: Mapping[str, str]
) -> Comparison:
    """Compare a document with the payload it would be made from now. `sent` is what `line_hashes` gave when it was."""
    wanted = list(payload.get(comparing.lines) or ())
    head, revised = _compare_head(standing, payload, comparing, sent)
    lines, work = _compare_lines(standing.lines, wanted, comparing)
    return Comparison(
        differences=(*head, *lines),
        revision=Revision(revised, tuple(work)),
        is_touched=_is_touched(standing.lines, wanted, comparing, sent)
        or any(_is_head_touched(one, sent, standing) for one in head if one.path not in comparing.fixed),
        is_fixed=any(one.path in comparing.fixed for one in head),
    )


def _compare_head(
    standing: Standing, payload: Mapping[str, Any], comparing: Comparing, sent: Mapping[str, str]
) -> tuple[list[Difference], JSONDict]:
    """What is as it was sent is no difference, even if it reads otherwise there: targets shorten and spell in their
    own way, and people correct an address where they need it."""
    found: list[Difference] = []
    revised: JSONDict = {}
    for path in comparing.head:
        wanted, there = get_path(payload, path), standing.head.get(path)
        if wanted is MISSING or wanted is None or _same(wanted, there):
            continue
        if path not in comparing.fixed and sent.get(path) == hash_value(wanted):
            continue
        found.append(Difference("update", path=path, before={path: there}, after={path: wanted}))
        if path not in comparing.fixed:
            whole = next((part for part in comparing.whole if path.startswith(f"{part}.")), path)
            set_path(revised, whole, get_path(payload, whole))
    return found, revised


def _is_head_touched(one: Difference, sent: Mapping[str, str], standing: Standing) -> bool:
    """Whether somebody changed a field there since it was sent; what was never sent is theirs once it has a value."""
    there = (one.before or {}).get(one.path)
    if one.path not in standing.head or _plain(there) is None:
        return False
    return sent.get(one.path) not in (hash_value(there), hash_value(_plain(there)))


def _compare_lines(
    there: Sequence[StandingLine], wanted: Sequence[Mapping[str, Any]], comparing: Comparing
) -> tuple[list[Difference], list[LineRevision]]:
    found: list[Difference] = []
    work: list[LineRevision] = []
    old, new = [_item(one.values, comparing) for one in there], [_item(one, comparing) for one in wanted]
    for tag, low, high, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pairs = list(zip(range(low, high), range(first, last), strict=False)) if tag == "equal" else []
        for at, to in pairs:
            changed = _changed(there[at].values, wanted[to], comparing)
            if changed:
                before = {name: there[at].values.get(name) for name in changed}
                found.append(Difference("update", old[at], before=before, after=changed))
                work.append(LineRevision(LineWork.UPDATE, old[at], there[at].id, changed))
        if tag == "equal":
            continue
        for at in range(low, high):
            found.append(Difference("delete", old[at], before=there[at].values))
            work.append(LineRevision(LineWork.DELETE, old[at], there[at].id))
        for to in range(first, last):
            shown = {name: wanted[to].get(name) for name in comparing.line}
            found.append(Difference("insert", new[to], after=shown))
            work.append(LineRevision(LineWork.INSERT, new[to], values=wanted[to]))
    return found, work


def _changed(there: Mapping[str, Any], wanted: Mapping[str, Any], comparing: Comparing) -> dict[str, Any]:
    """Return the fields that differ, as they are wanted; what a payload does not say is the target's own matter."""
    return {
        name: wanted[name]
        for name in comparing.line
        if name != comparing.item and wanted.get(name) is not None and not _same(wanted[name], there.get(name))
    }


def _is_touched(
    there: Sequence[StandingLine], wanted: Sequence[Mapping[str, Any]], comparing: Comparing, sent: Mapping[str, str]
) -> bool:
    fields = sent.get(f"{comparing.lines}.{FIELDS}")
    if fields is None:
        return True
    names = fields.split(",")
    prefix = f"{comparing.lines}."
    as_sent = Counter(value for path, value in sent.items() if path.startswith(prefix) and path != f"{prefix}{FIELDS}")
    as_wanted = Counter(_hash(line, names) for line in wanted)
    present = Counter(_hash(line.values, names) for line in there)
    strange = present - (as_sent | as_wanted)
    missing = (as_sent & as_wanted) - present
    return bool(strange or missing)


def _item(values: Mapping[str, Any], comparing: Comparing) -> str:
    return str(values.get(comparing.item) or "").strip()


def _hash(line: Mapping[str, Any], names: Sequence[str]) -> str:
    return hash_value([_plain(line.get(name)) for name in names])


def _same(left: Any, right: Any) -> bool:
    return bool(_plain(left) == _plain(right))


def _plain(value: Any) -> Any:
    """Return a value as it can be compared: nothing, an empty text and nought are the same."""
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()[:DAY_LENGTH]
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value)).quantize(DIGITS) or None
    return str(value)
