"""Errors by reaction: what has to happen next, and the sentence a customer reads.

`str(error)` is one sentence in the reader's language made from the catalogue in `apicenter/causes/`; `code` and
`params` are stored, so that the same failure can be shown in another language later. `detail` is for the log and
the "exact answer" fold-out. Neither may hold a token or a whole payload.
"""

from __future__ import annotations

from datetime import datetime

from apicenter.causes import sentence


class ApicenterError(Exception):
    """A failure with a cause from the catalogue."""

    default_code = "internal"

    def __init__(self, code: str = "", *, field: str = "", detail: str = "", **params: str) -> None:
        self.code = code or self.default_code
        self.field = field
        self.detail = detail
        self.params = {"field": field, **params} if field else params
        super().__init__(self.code)

    def __str__(self) -> str:
        return sentence(self.code, self.params)


class RetryableError(ApicenterError):
    """The same call may work later. `retry_at` (aware UTC) is the other side's word on when, if it gave one."""

    default_code = "remote.unavailable"

    def __init__(
        self, code: str = "", *, retry_at: datetime | None = None, field: str = "", detail: str = "", **params: str
    ) -> None:
        super().__init__(code, field=field, detail=detail, **params)
        self.retry_at = retry_at


class RateLimited(RetryableError):
    """The other side, or our own limiter on its behalf, asks to wait. Not counted as an attempt."""

    default_code = "remote.rate_limited"


class RemoteUnavailable(RetryableError):
    """The other side is down, or cannot be reached. Nothing was changed there."""

    beginning = ""  # of an answer that came and could not be taken in: to find a key in, never to be shown


class DependencyMissing(RetryableError):
    """Something this record needs is being made right now."""

    default_code = "dependency.missing"


class ChangedMeanwhile(RetryableError):
    """The record was changed there between our look at it and our write: nothing of ours was written."""

    default_code = "remote.changed_meanwhile"


class OutcomeUnknown(RetryableError):
    """A write was sent and no clear answer came: it may or may not have happened (design 2.4)."""

    default_code = "outcome.unknown"


class RecordError(ApicenterError):
    """This record cannot pass until a person acts; the others go on."""

    default_code = "refused.by_target"


class MappingError(RecordError):
    """A field could not be made from the record."""

    default_code = "mapping.failed"


class Rejected(RecordError):
    """The target refused the payload. Never generalised to other records."""


class NotFinished(RecordError):
    """The record was made, but a step after it was refused: it is looked up before anything is sent again."""

    default_code = "release.refused"


class NotFound(RecordError):
    """The thing does not exist on the other side."""

    default_code = "remote.not_found"


class AmbiguousMatch(RecordError):
    """More than one record on the other side could be the one meant."""

    default_code = "match.ambiguous"


class FlowError(ApicenterError):
    """A person must act before anything of this flow or connection can go on."""

    default_code = "setting.missing"


class AuthError(FlowError):
    """The connection's authorisation is gone or was never valid."""

    default_code = "token.revoked"


class PermissionMissing(FlowError):
    """The authorised application or user lacks a right, scope, licence or feature."""

    default_code = "permission.missing"


class SettingMissing(FlowError):
    """A setting that this flow needs is empty."""
