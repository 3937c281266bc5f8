"""A request that Visma.net turns down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING: Mapping[str, Any] = {}


class Refused(Exception):
    """Answered as {"message"} by the ERP gateway and as a problem with a code by the order service."""

    def __init__(
        self, message: str, *, status: int = 400, code: str = "", about: Mapping[str, Any] = NOTHING, **parameters: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.parameters = {**about, **parameters}


def not_found(what: str, key: str) -> Refused:
    return Refused(f"{what} '{key}' cannot be found in the system.", status=404)


def version_mismatch() -> Refused:
    return Refused("The record has been changed by another process. Your changes will be lost.", status=412)
