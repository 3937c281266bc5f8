"""Addresses that another program calls to say "look now". A call is a hint: it starts a run, and carries no data in.

The address holds a secret of 256 bits and is kept as a digest; called twice, or while a run is reading, nothing is
done twice.
"""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apicenter.audit import record_change
from apicenter.tenancy import organization_context, platform_context
from flows.models import Flow, FlowHook, Run
from flows.services import start_run

SECRET_BYTES = 32
SHOWN = 6


def make_hook(flow: Flow) -> tuple[FlowHook, str]:
    """Make an address for a flow. Returns it with its secret, which is never shown again."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        hook = FlowHook.objects.create(flow=flow, digest=_digest(secret), start=secret[:SHOWN])
        record_change("hook.made", subject=flow.name)
    return hook, secret


def remove_hook(hook: FlowHook) -> None:
    """Take an address away at once."""
    with transaction.atomic():
        record_change("hook.removed", subject=hook.flow.name)
        hook.delete()


def call_hook(secret: str) -> Run | None:
    """Start the flow whose address holds this secret; None if there is none. Raises SettingMissing if it is paused."""
    with platform_context():
        hook = FlowHook.unscoped.select_related("flow").filter(digest=_digest(secret)).first()
    if hook is None:
        return None
    with organization_context(hook.organization_id):
        FlowHook.objects.filter(pk=hook.pk).update(calls=F("calls") + 1, last_called_at=timezone.now())
        return start_run(hook.flow, Run.Trigger.API)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
