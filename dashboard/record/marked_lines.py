"""Which lines of a pane stand out: what differs from last time, and what holds the record back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboard.record.panes import Marks
from flows.engine.fingerprint import hash_value

CHANGED, AT_FAULT = "hl", "er"
TELLING = ("key", "value", "sku", "text", "currency")  # parameters of a cause that stand in what came
MOST_LEAVES = 5_000


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each single value with its path: "price.amount", "lines[2].quantity"."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and value:
        for at, inner in enumerate(value, start=1):
            yield from leaves(inner, f"{path}[{at}]")
    else:
        yield path, value


def differing(now: Any, before: Any) -> set[str]:
    """Return the paths of single values that are new or other than before; nothing if there is no before."""
    if not isinstance(now, Mapping) or not isinstance(before, Mapping):
        return set()
    old = {path: hash_value(value) for path, value in leaves(before)}
    found = {path for path, value in leaves(now) if old.get(path) != hash_value(value)}
    return found if len(old) <= MOST_LEAVES else set()


def changed_marks(paths: Iterable[str]) -> Marks:
    """Mark these paths as changed."""
    wanted = frozenset(paths)
    return lambda path, value: CHANGED if path in wanted else ""


def fault_marks(params: Mapping[str, Any], otherwise: Marks) -> Marks:
    """Mark the values a cause names as at fault, and the rest as `otherwise` says."""
    texts = {str(params[name]).casefold() for name in TELLING if params.get(name)}

    def mark(path: str, value: Any) -> str:
        is_named = isinstance(value, str | int) and not isinstance(value, bool) and str(value).casefold() in texts
        return AT_FAULT if is_named else otherwise(path, value)

    return mark
