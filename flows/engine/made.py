"""What a row remembers of a record that stands in the target already, while it is not through: how it is to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MADE = "made"  # parameter of a record that was created, and waits for the rest: it counts as created in the end
CONFIRMS = "confirms"  # of one whose document was made and is still to be compared: the state it had come to


def made_mark(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has to be kept of a row's parameters while it is tried again."""
    return {name: params[name] for name in (MADE, CONFIRMS) if name in params}
