"""Making, finding and withdrawing tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.api.models import ApiToken
from apicenter.api.scopes import SCOPES
from apicenter.audit import current_actor, record_change
from apicenter.organizations.models import User
from apicenter.tenancy import organization_context, platform_context

PREFIX = "apic_"
SHOWN = 11  # of the token's letters, prefix included
SECRET_BYTES = 32
NOTE_USE_EVERY = timedelta(minutes=1)


def issue_token(*, name: str, scopes: Sequence[str], expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Make a token for the organization in context. Returns it with its text, which is never shown again.

    `expires_at` is aware UTC, None = never. Raises ValidationError by field.
    """
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = _("Give the token a name, so that you recognise it later.")
    if not scopes:
        errors["scopes"] = _("Choose at least one thing that the token may do.")
    elif unknown := [scope for scope in scopes if scope not in SCOPES]:
        errors["scopes"] = _("There is no scope “%(scope)s”.") % {"scope": unknown[0]}
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_at"] = _("The day on which the token expires must lie ahead.")
    if errors:
        raise ValidationError(errors)
    text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name.strip()[:100],
            start=text[:SHOWN],
            digest=digest_of(text),
            scopes=[scope for scope in SCOPES if scope in scopes],
            created_by=current_actor().user,
            expires_at=expires_at,
        )
        record_change("token.issued", subject=token.name, after={"scopes": token.scopes, "expires_at": expires_at})
    return token, text


def revoke_token(token: ApiToken) -> None:
    """Withdraw a token at once; the row stays, so that the audit trail can name it."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record_change("token.revoked", subject=token.name)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the tokens that a person made here and that still open something: they know their texts."""
    return ApiToken.objects.filter(created_by=user, revoked_at=None).order_by("created_at")


def find_token(text: str) -> ApiToken | None:
    """Return the valid token with this text, of whatever organization: it is what says which one."""
    if not text.startswith(PREFIX):
        return None
    with platform_context():
        token = ApiToken.unscoped.select_related("organization", "created_by").filter(digest=digest_of(text)).first()
    now = timezone.now()
    if token is None or not token.is_valid(now):
        return None
    if token.last_used_at is None or now - token.last_used_at > NOTE_USE_EVERY:
        with organization_context(token.organization_id):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def digest_of(text: str) -> str:
    """SHA-256: the token has 256 random bits, so nothing slower is needed, and finding it by digest leaks nothing."""
    return hashlib.sha256(text.encode()).hexdigest()
