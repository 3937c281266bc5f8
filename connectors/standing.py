"""How the access of connections stands: when it was renewed, until when it holds, whether a person must act."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.models import Connection, Credential


@dataclass(frozen=True, slots=True)
class Access:
    """The tokens of one connection, the audience that was renewed last speaking for all."""

    renewed_at: datetime
    valid_until: datetime
    is_refused: bool  # the grant is gone: somebody must allow it again
    failed_at: datetime | None  # the last attempt to renew it got no answer


def access_of(connections: Iterable[Connection]) -> dict[uuid.UUID, Access]:
    """Return the access of each connection that has any: one query."""
    rows = Credential.objects.filter(connection__in=[one.pk for one in connections], expires_at__isnull=False)
    found: dict[uuid.UUID, Access] = {}
    for row in rows.defer("tokens").order_by("expires_at"):
        if row.expires_at is None:
            continue
        earlier = found.get(row.connection_id)
        found[row.connection_id] = Access(
            renewed_at=row.expires_at - timedelta(seconds=row.lifetime_seconds),
            valid_until=row.expires_at,
            is_refused=row.state == Credential.State.NEEDS_REAUTH or (earlier is not None and earlier.is_refused),
            failed_at=row.failed_at or (earlier.failed_at if earlier else None),
        )
    return found
