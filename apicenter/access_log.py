"""The web server's access log, without the secrets that some addresses hold."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

SECRET = re.compile(r"(/api/(?:deliveries|hooks)/)[^/\s?]+")


def without_secrets(text: str) -> str:
    """Return a log text with the secret part of an address cut out."""
    return SECRET.sub(r"\1…", text)


class AccessLog(Logger):
    """What gunicorn is told to log with (docker-compose.yml)."""

    def atoms(self, *about: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*about)
        return {name: without_secrets(value) if isinstance(value, str) else value for name, value in atoms.items()}
