"""Functions that choose: defaults, conditions, small tables."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from flows.maps.paths import is_empty
from flows.transforms.registry import Scalar, transform
from flows.transforms.values import as_list, as_text, failed

YES = frozenset({"1", "true", "yes", "y", "on", "ja", "j", "oui", "o", "vrai", "waar", "x"})
NO = frozenset({"", "0", "false", "no", "n", "off", "nee", "nei", "nej", "non", "faux", "onwaar"})
Test = Literal["equals", "differs", "contains", "starts_with", "is_filled", "is_empty"]


@transform(example=("", {"default": "Unknown"}, "Unknown"))
def default_if_empty(value: Any | None, *, default: Scalar) -> Any:
    """Use this value when there is none."""
    return default if is_empty(value) else value


@transform(example=("n/a", {"text": "n/a"}, None))
def empty_if(value: str, *, text: str) -> str | None:
    """Treat this text as no value at all."""
    return None if value.strip().casefold() == text.strip().casefold() else value


@transform(example=("  ", {}, None))
def empty_to_null(value: Any) -> Any:
    """Turn an empty text into no value."""
    return None if is_empty(value.strip() if isinstance(value, str) else value) else value


@transform(example=(None, {}, ""))
def null_to_empty(value: Any | None) -> Any:
    """Turn no value into an empty text."""
    return "" if value is None else value


@transform(example=("NO", {"test": "equals", "text": "no", "then": "Norway", "otherwise": "abroad"}, "Norway"))
def if_then_else(
    value: Any | None, *, test: Test, text: str = "", then: Scalar | None = None, otherwise: Scalar | None = None
) -> Any:
    """Give one value if a test is met and another if not; without one of the two, the value itself stays."""
    chosen = then if _is_met(value, test, text) else otherwise
    return value if chosen is None else chosen


def _is_met(value: Any, test: Test, text: str) -> bool:
    if test in ("is_filled", "is_empty"):
        return is_empty(value) == (test == "is_empty")
    wanted = text.strip().casefold()
    found = [as_text(one).strip().casefold() for one in as_list(value) if one is not None]
    if test in ("equals", "differs"):
        return (wanted in found) == (test == "equals")
    if test == "contains":
        return any(wanted in one for one in found)
    return any(one.startswith(wanted) for one in found)


@transform(example=("S", {"pairs": {"S": "Small", "L": "Large"}}, "Small"))
def map_value(
    value: str, *, pairs: Annotated[dict[str, Scalar], Field(max_length=200)], otherwise: Scalar | None = None
) -> Any:
    """Translate a value by a short list of pairs; others stay, or become the value for the rest."""
    if value in pairs:
        return pairs[value]
    return value if otherwise is None else otherwise


@transform(example=("ja", {}, True))
def yes_no(value: Any) -> bool:
    """Read “yes”, “ja”, “oui”, “1”, “true” and their opposites as yes or no."""
    if isinstance(value, bool):
        return value
    word = as_text(value).strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise failed(_("“%(text)s” is neither yes nor no") % {"text": word[:40]})
