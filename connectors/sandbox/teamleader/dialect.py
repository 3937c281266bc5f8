"""How Teamleader Focus words errors, limits and times."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account
from connectors.sandbox.options import Options

API_VERSION = "2023-09-26"
_DOCUMENTED_ZONE = timezone(timedelta(hours=1))


class Refused(Exception):
    """A call that is not valid: becomes an `errors` answer."""

    def __init__(self, title: str, *, field: str = "", status: int = 400) -> None:
        self.title = title
        self.field = field
        self.status = status
        super().__init__(title)

    def reply(self) -> Reply:
        error: dict[str, Any] = {"code": 0, "title": self.title, "status": self.status}
        if self.field:
            error["meta"] = {"field": self.field}
        return Reply(self.status, {"errors": [error]})


class TeamleaderDialect:
    """The gateway of Teamleader Focus."""

    system: str = Account.System.TEAMLEADER

    def rate_headers(
        self, account: Account, *, limit: int, remaining: int, reset_at: datetime, now: datetime
    ) -> dict[str, str]:
        is_documented = Options.of(account).reset_header_form == "docs"
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": _documented(reset_at) if is_documented else stamp(_next_second(reset_at)),
        }

    def problem(self, status: int, title: str) -> Reply:
        body = {"errors": [{"code": 0, "title": title, "status": status}]}
        return Reply(status, body, {"X-Api-Version": API_VERSION})


def stamp(at: datetime) -> str:
    """A time as Teamleader writes it: seconds, and +00:00 rather than Z."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def read_stamp(text: object, *, field: str, refuse_zulu: bool) -> datetime:
    """Raises Refused for what Teamleader does not take, a Z at the end included."""
    if isinstance(text, str) and "T" in text and not (refuse_zulu and text.upper().endswith("Z")):
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is not None and at.tzinfo is not None:
            return at
    raise Refused(f"{field} must be a valid date. Sample format: 2005-12-30T01:02:03+00:00", field=field)


def _documented(at: datetime) -> str:
    local = at.astimezone(_DOCUMENTED_ZONE)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def _next_second(at: datetime) -> datetime:
    # Written without fractions: rounded up, so that the instant it names is never too early.
    return datetime.fromtimestamp(math.ceil(at.timestamp()), tz=UTC)
