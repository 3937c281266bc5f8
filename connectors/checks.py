"""What the last live check of a connection found, kept so that everybody sees when it was and how it went."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext, override

from connectors.base import CheckResult, Finding
from connectors.models import Connection


def note_check(connection: Connection, results: Sequence[CheckResult]) -> None:
    """Keep the lines of a check. What was tried is stored in English and read in the reader's language."""
    with override("en"):
        connection.checks = [
            {
                "what": str(one.what),
                "finding": str(one.finding),
                "code": one.code,
                "params": {name: str(value) for name, value in one.params.items()},
                "detail": one.detail,
            }
            for one in results
        ]
    connection.checked_at = timezone.now()
    connection.save(update_fields=["checks", "checked_at"])


def last_check(connection: Connection) -> list[CheckResult]:
    """Return the lines of the last check, or none."""
    return [
        CheckResult(gettext(row["what"]), Finding(row["finding"]), row["code"], row["params"], row["detail"])
        for row in connection.checks
    ]
