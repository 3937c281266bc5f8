"""Codes and tokens of the fake systems.

The refresh tokens of one authorization form a family: the part of the value before the dot. Reusing a spent one ends
the family, as single-use refresh tokens are meant to.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connectors.sandbox.faults import Faults
from connectors.sandbox.models import Account, Token
from connectors.sandbox.options import Options

CODE_AGE = timedelta(minutes=10)
KEEP_SPENT = timedelta(days=1)


class InvalidGrant(Exception):
    """The code or refresh token is unknown, spent, too old or revoked; the text says which."""


@dataclass(frozen=True)
class Pair:
    """What an exchange gives."""

    access: str
    refresh: str
    expires_in: int


def find_caller(value: str, *, system: str) -> Token | None:
    """The access token with its account, whose row stays locked until the transaction ends."""
    return (
        Token.objects.select_related("account")
        .select_for_update(of=("account",))
        .filter(value=value, kind=Token.Kind.ACCESS, account__system=system)
        .first()
    )


def find_account(client_id: str, *, system: str) -> Account | None:
    return Account.unscoped.filter(client_id=client_id, system=system).first()


def has_secret(account: Account, client_secret: str) -> bool:
    return secrets.compare_digest(account.client_secret.encode(), client_secret.encode())


def issue_code(account: Account, redirect_uri: str) -> str:
    token = _issue(account, Token.Kind.CODE, secrets.token_hex(20), CODE_AGE, redirect_uri=redirect_uri)
    return token.value


def issue_access(account: Account, *, scope: str = "", family: str = "") -> Token:
    """An access token as old as the account's options let it get."""
    age = timedelta(seconds=Options.of(account).access_ttl_seconds)
    value = f"{family or secrets.token_hex(6)}.{secrets.token_urlsafe(32)}"
    return _issue(account, Token.Kind.ACCESS, value, age, scope=scope)


def exchange_code(account: Account, code: str, *, redirect_uri: str) -> Pair:
    """Spend a code. Raises InvalidGrant."""
    now = timezone.now()
    with transaction.atomic():
        fresh = account.tokens.filter(
            kind=Token.Kind.CODE, value=code, redirect_uri=redirect_uri, used_at=None, expires_at__gt=now
        )
        if not fresh.update(used_at=now):
            raise InvalidGrant("Authorization code is invalid or has expired")
        return _issue_pair(account, secrets.token_hex(6))


def refresh(account: Account, value: str) -> Pair:
    """Spend a refresh token for the next pair. Raises InvalidGrant."""
    if Faults.of(account).revoke:
        raise InvalidGrant("Token has been revoked")
    now = timezone.now()
    family = value.partition(".")[0]
    with transaction.atomic():
        known = account.tokens.filter(kind=Token.Kind.REFRESH, value=value)
        if known.filter(used_at=None).update(used_at=now):
            return _issue_pair(account, family)
        if known.exists() and Options.of(account).revoke_family_on_reuse:
            _end_family(account, family, now=now)
    raise InvalidGrant("Token has been revoked")


def expire_access_tokens(account: Account) -> int:
    """Void the access tokens there are; returns how many."""
    now = timezone.now()
    return account.tokens.filter(kind=Token.Kind.ACCESS, expires_at__gt=now).update(expires_at=now)


def _end_family(account: Account, family: str, *, now: datetime) -> None:
    members = account.tokens.filter(value__startswith=f"{family}.")
    members.filter(kind=Token.Kind.ACCESS, expires_at__gt=now).update(expires_at=now)
    members.filter(kind=Token.Kind.REFRESH, used_at=None).update(used_at=now)


def _issue_pair(account: Account, family: str) -> Pair:
    _forget_spent(account)
    access = issue_access(account, family=family)
    token = _issue(account, Token.Kind.REFRESH, f"{family}.{secrets.token_urlsafe(32)}", None)
    return Pair(access.value, token.value, Options.of(account).access_ttl_seconds)


def _issue(
    account: Account, kind: str, value: str, age: timedelta | None, *, redirect_uri: str = "", scope: str = ""
) -> Token:
    expires_at = timezone.now() + age if age else None
    return Token.objects.create(
        account=account, kind=kind, value=value, redirect_uri=redirect_uri, scope=scope, expires_at=expires_at
    )


def _forget_spent(account: Account) -> None:
    old = timezone.now() - KEEP_SPENT
    account.tokens.filter(Q(used_at__lt=old) | Q(expires_at__lt=old)).delete()
