"""Tokens that survive crowds and crashes (design 2.5).

Refresh tokens work once, so exactly one process may use one. A refresh is: claim the row with a conditional update
that sets a lease and a fence; call the endpoint outside any transaction; commit the new pair before anything else.
Whoever loses the claim waits for a new version of the row, or goes on with the old access token while it lives.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apicenter.blotting import remember
from apicenter.clocks import CLOCKS_DIFFER
from apicenter.crypto import Vault
from apicenter.errors import ApicenterError, AuthError, RemoteUnavailable, RetryableError
from connectors.auth import GrantRefused, TokenEndpoint, Tokens
from connectors.base import AuthKind
from connectors.models import Connection, Credential
from connectors.threads import on_owner

if TYPE_CHECKING:
    from connectors.base import Connector

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
MARGIN_SECONDS = 120.0
MARGIN_SHARE = 0.1
PATIENCE_SECONDS = 25.0  # a little longer than a call to the endpoint may take
COOLDOWN = timedelta(seconds=10)  # after a blip the endpoint is left alone
COMMIT_SECONDS = 60.0
POLL_SECONDS = (0.1, 0.5)
DOUBT = timedelta(minutes=5)  # for so long a token that is refused right after it was made may yet be taken
DOUBT_REST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Held:
    access: str
    refresh: str
    expires_at: datetime
    margin: timedelta
    is_doubted: bool = False  # tokens were refused lately

    def lives(self, now: datetime) -> bool:
        return self.expires_at > now

    def is_fresh(self, now: datetime) -> bool:
        return self.expires_at > now + self.margin


class ConnectionAuth:
    """The tokens of one connection. `token` and `renew` may be called from crew threads."""

    def __init__(
        self,
        connection: Connection,
        connector: type[Connector],
        *,
        endpoint: TokenEndpoint | None = None,
        clock: Callable[[], datetime] = timezone.now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._connector = connector
        self._endpoint = endpoint or TokenEndpoint.of(connection, connector)
        self._clock = clock
        self._sleep = sleep
        self._held: dict[str, _Held] = {}
        self._resting: dict[str, datetime] = {}

    def token(self, host: str) -> str:
        """Return the access token for a host; the database is asked when there is none in memory or it has expired."""
        audience = self._audience(host)
        if (until := self._resting.get(audience)) and until > self._clock():
            raise RemoteUnavailable(
                "token.not_taken_yet", retry_at=until, detail="refused just now", system=self._connector.title
            )
        held = self._held.get(audience)
        if held is None or not held.lives(self._clock()):
            held = on_owner(lambda: self._ensure(audience))
        return held.access

    def ensure_fresh(self, host: str = "api") -> None:
        """Refresh ahead of need. Raises AuthError, PermissionMissing, RemoteUnavailable, RateLimited."""
        self._ensure(self._audience(host))

    def renew(self, host: str, seen: str) -> str:
        """Return another access token than the one that was refused."""
        audience = self._audience(host)
        held = self._held.get(audience)
        if held is None or held.access == seen:
            held = on_owner(lambda: self._ensure(audience, refused=seen))
        return held.access

    def refused(self, host: str) -> datetime | None:
        """Note that a token was refused right after it was made: clocks differ, and news takes a while to get round.

        Returns when to try again, or None once that has lasted so long that the authorisation counts as gone.
        """
        audience = self._audience(host)
        since, now = on_owner(lambda: self._doubt(audience)), self._clock()
        if (held := self._held.get(audience)) is not None:
            self._held[audience] = replace(held, is_doubted=True)
        if now - since >= DOUBT:
            return None
        self._resting[audience] = now + DOUBT_REST
        return self._resting[audience]

    def accepted(self, host: str) -> None:
        """End the doubt, if there was any."""
        audience = self._audience(host)
        held = self._held.get(audience)
        if held is not None and held.is_doubted:
            self._held[audience] = replace(held, is_doubted=False)
            on_owner(lambda: self._mine(audience).update(refused_at=None))

    def _doubt(self, audience: str) -> datetime:
        """Return since when tokens are refused."""
        self._mine(audience).filter(refused_at=None).update(refused_at=self._clock())
        since = self._mine(audience).values_list("refused_at", flat=True).get()
        assert since is not None
        return since

    def _mine(self, audience: str) -> QuerySet[Credential]:
        return Credential.objects.filter(connection=self._connection, audience=audience)

    def _audience(self, host: str) -> str:
        audiences = self._connector.auth.audiences
        named = self._connector.host_audience.get(host, "")
        return named if named in audiences else next(iter(audiences))

    def _ensure(self, audience: str, *, refused: str = "") -> _Held:
        give_up_at = self._clock() + timedelta(seconds=PATIENCE_SECONDS)
        while True:
            row = self._row(audience)
            now = self._clock()
            held = self._read(row)
            if held and held.access == refused:
                held = None if not held.refresh else _Held("", held.refresh, now, held.margin)
            if held and held.is_fresh(now):
                return self._keep(audience, held)
            usable = held if held and held.lives(now) else None
            if row.state == Credential.State.NEEDS_REAUTH or not self._can_ask(held):
                return self._keep(audience, usable or self._raise_revoked())
            if row.failed_at and row.failed_at <= now < row.failed_at + COOLDOWN:
                return self._keep(audience, usable or self._raise_unavailable(row.failed_at + COOLDOWN))
            if not self._is_claimed(row, now):
                done = self._refresh(row, held, usable) if self._claim(row, now) else None
                if done:
                    return self._keep(audience, done)
            elif usable:
                return self._keep(audience, usable)
            elif now > give_up_at:
                self._raise_unavailable(row.refresh_until)
            else:
                self._sleep(random.uniform(*POLL_SECONDS))  # noqa: S311

    def _keep(self, audience: str, held: _Held) -> _Held:
        self._held[audience] = held
        return held

    def _row(self, audience: str) -> Credential:
        mine = self._mine(audience)
        row = mine.first()
        if row is None:
            fresh = Credential(connection=self._connection, audience=audience)
            fresh.organization_id = self._connection.organization_id
            Credential.objects.bulk_create([fresh], ignore_conflicts=True)
            row = mine.get()
        return row

    def _read(self, row: Credential) -> _Held | None:
        blob = bytes(row.tokens) if row.tokens else None
        tokens = self._vault.open(blob, place=Credential.TOKENS_PLACE, row_id=row.id)
        if not tokens or row.expires_at is None:
            return None
        remember((tokens["access"], tokens["refresh"]))
        lifetime = row.lifetime_seconds
        margin = min(max(MARGIN_SECONDS, MARGIN_SHARE * lifetime), lifetime / 2)
        until, is_doubted = row.expires_at, row.refused_at is not None
        return _Held(tokens["access"], tokens["refresh"], until, timedelta(seconds=margin), is_doubted)

    def _can_ask(self, held: _Held | None) -> bool:
        is_code = self._connector.auth.kind == AuthKind.OAUTH_CODE
        return bool(held and held.refresh) if is_code else True

    def _is_claimed(self, row: Credential, now: datetime) -> bool:
        """Whether somebody else is refreshing. A claim for longer than one lasts is of a clock that was ahead."""
        return row.refresh_until is not None and now <= row.refresh_until <= now + LEASE + CLOCKS_DIFFER

    def _claim(self, row: Credential, now: datetime) -> bool:
        """Take the right to refresh this version; the row then carries our fence."""
        free = Q(refresh_until=None) | Q(refresh_until__lt=now) | Q(refresh_until__gt=now + LEASE + CLOCKS_DIFFER)
        mine = Credential.objects.filter(free, pk=row.pk, version=row.version, refresh_fence=row.refresh_fence)
        row.refresh_fence += 1
        claimed = mine.update(
            refresh_until=now + LEASE, refresh_fence=row.refresh_fence, state=Credential.State.REFRESHING
        )
        return bool(claimed)

    def _refresh(self, row: Credential, held: _Held | None, usable: _Held | None) -> _Held | None:
        """Ask the endpoint and store what it gives; None = look at the row again."""
        asked_at = self._clock()
        try:
            tokens = self._ask(row.audience, held)
        except GrantRefused as error:
            if self._end_grant(row):
                raise AuthError(detail=error.detail, system=self._connector.title) from error
            return None
        except RetryableError as error:
            self._release(row, failed_at=self._clock())
            logger.warning("connection %s: token refresh failed: %s", self._connection.pk, error.detail)
            if usable:
                return usable
            raise self._unavailable(error.retry_at) from error
        except ApicenterError:
            self._release(row)
            raise
        refresh = tokens.refresh or (held.refresh if held else "")
        pair = Tokens(tokens.access, refresh, tokens.lifetime_seconds)
        return self._read(row) if self._commit(row, pair, asked_at) else None

    def _ask(self, audience: str, held: _Held | None) -> Tokens:
        if self._connector.auth.kind == AuthKind.OAUTH_CODE and held:
            return self._endpoint.refresh(held.refresh)
        return self._endpoint.client_credentials(self._connector.auth.audiences[audience])

    def _commit(self, row: Credential, pair: Tokens, asked_at: datetime) -> bool:
        _fill(row, pair, asked_at, self._vault)
        seen = Credential.objects.filter(pk=row.pk, version=row.version)
        if self._persist(lambda: seen.filter(refresh_fence=row.refresh_fence).update(**_columns(row))):
            return True
        # We were too slow, somebody took over and was refused: then the pair in our hands is the only good one.
        if self._persist(lambda: seen.filter(state=Credential.State.NEEDS_REAUTH).update(**_columns(row))):
            self._connection.mark_ok()
            return True
        logger.error("connection %s: a refresh came too late to be stored", self._connection.pk)
        return False

    def _persist(self, write: Callable[[], int]) -> int:
        """Write now, in a transaction of its own. A database that is away for a moment must not cost the only pair."""
        end_at = self._clock() + timedelta(seconds=COMMIT_SECONDS)
        while True:
            try:
                with transaction.atomic(durable=True):
                    return write()
            except (OperationalError, InterfaceError):
                if self._clock() > end_at:
                    raise
                logger.warning("connection %s: the new tokens could not be stored yet", self._connection.pk)
                connections["default"].close_if_unusable_or_obsolete()
                self._sleep(POLL_SECONDS[1])

    def _end_grant(self, row: Credential) -> bool:
        """Note that the grant is over, unless a new one came meanwhile."""
        mine = Credential.objects.filter(pk=row.pk, version=row.version, refresh_fence=row.refresh_fence)
        ended = mine.update(state=Credential.State.NEEDS_REAUTH, refresh_until=None, failed_at=self._clock())
        if ended:
            logger.warning("connection %s: the grant was refused", self._connection.pk)
            self._connection.mark_problem(AuthError.default_code, {"system": self._connector.title})
        return bool(ended)

    def _release(self, row: Credential, *, failed_at: datetime | None = None) -> None:
        mine = Credential.objects.filter(pk=row.pk, refresh_fence=row.refresh_fence)
        mine.update(refresh_until=None, state=Credential.State.OK, failed_at=failed_at)

    @property
    def _vault(self) -> Vault:
        return self._connection.organization.vault

    def _unavailable(self, retry_at: datetime | None) -> RemoteUnavailable:
        return RemoteUnavailable(retry_at=retry_at, detail="no token", system=self._connector.title)

    def _raise_unavailable(self, retry_at: datetime | None) -> NoReturn:
        raise self._unavailable(retry_at)

    def _raise_revoked(self) -> NoReturn:
        raise AuthError(detail="no grant is stored", system=self._connector.title)


def store_tokens(connection: Connection, tokens: Tokens, *, audience: str = "", asked_at: datetime) -> None:
    """Store what a consent gave; a refresh of the earlier grant that is still on its way loses its fence."""
    row, _ = Credential.objects.get_or_create(
        connection=connection, audience=audience, defaults={"organization": connection.organization}
    )
    _fill(row, tokens, asked_at, connection.organization.vault)
    Credential.objects.filter(pk=row.pk).update(
        **{**_columns(row), "version": F("version") + 1, "refresh_fence": F("refresh_fence") + 1, "refused_at": None}
    )


def _fill(row: Credential, pair: Tokens, asked_at: datetime, vault: Vault) -> None:
    tokens = {"access": pair.access, "refresh": pair.refresh}
    remember(tokens.values())
    row.tokens = vault.seal(tokens, place=Credential.TOKENS_PLACE, row_id=row.id)
    row.lifetime_seconds = pair.lifetime_seconds
    row.expires_at = asked_at + timedelta(seconds=pair.lifetime_seconds)


def _columns(row: Credential) -> dict[str, Any]:
    return {
        "tokens": row.tokens,
        "lifetime_seconds": row.lifetime_seconds,
        "expires_at": row.expires_at,
        "version": row.version + 1,
        "state": Credential.State.OK,
        "refresh_until": None,
        "failed_at": None,
    }
