"""What answers of the API say."""

from __future__ import annotations

from typing import Any


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
