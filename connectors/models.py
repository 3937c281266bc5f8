"""Connections, their encrypted tokens, and the lanes that their calls queue in."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import models
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.blotting import remember
from apicenter.causes import sentence
from apicenter.notifications.watch import mark_changed
from apicenter.tenancy import TenantModel, platform_context
from connectors.sheet_models import Sheet as Sheet
from connectors.sheet_models import SheetRow as SheetRow
from connectors.signals import connection_works


class Lane(models.Model):
    """One per thing a vendor counts calls by. Holds ids and numbers only, so it belongs to no organization.

    Two connections with the same key share it, wherever they are. `grants` is the list of [unix time, calls] that the
    limiter gave out within the last window; the server's own word (`remaining`, `reset_at`, `blocked_until`) wins.
    """

    key = models.CharField(max_length=200, unique=True)
    limit_calls = models.PositiveIntegerField(null=True)
    limit_seconds = models.FloatField(default=60)
    is_sliding = models.BooleanField(default=True)
    grants = models.JSONField(default=list)
    remaining = models.IntegerField(null=True)
    reset_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)  # when remaining and reset_at were told
    blocked_until = models.DateTimeField(null=True)
    interactive_at = models.DateTimeField(null=True)  # when a person last waited here: bulk then leaves a reserve
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
    served_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveBigIntegerField(default=0)  # of the limiter's columns

    def __str__(self) -> str:
        return self.key

    def drop_unless_used(self) -> None:
        """Delete it, unless a connection of whatever organization queues here."""
        with platform_context(), suppress(ProtectedError):
            self.delete()


class Connection(TenantModel):
    """One account at one system, authorised by one organization."""

    class Environment(models.TextChoices):
        PRODUCTION = "production", _("Production")
        SANDBOX = "sandbox", _("Sandbox")

    class State(models.TextChoices):
        NEW = "new", _("Not connected yet")
        OK = "ok", _("Connected")
        NEEDS_PERSON = "needs_person", _("Needs you")

    connector = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=150)
    environment = models.CharField(max_length=12, choices=Environment, default=Environment.PRODUCTION)
    settings = models.JSONField(default=dict)  # what is not secret: tenant id, API generation, department …
    secrets = models.BinaryField(null=True, editable=False)  # client id and secret, sealed
    state = models.CharField(max_length=15, choices=State, default=State.NEW)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict)
    problem_at = models.DateTimeField(null=True)
    account_id = models.CharField(max_length=120, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    lane = models.ForeignKey(Lane, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checks = models.JSONField(default=list)  # connectors/checks.py: the lines of the last live check
    created_at = models.DateTimeField(default=timezone.now)

    SECRETS_PLACE = "connection|secrets"

    def __str__(self) -> str:
        return self.name

    def read_secrets(self) -> dict[str, str]:
        """Return client id and secret. Only auth.py asks for them."""
        values: dict[str, str] = (
            self.organization.vault.open(self.secrets, place=self.SECRETS_PLACE, row_id=self.id) or {}
        )
        remember(value for name, value in values.items() if name != "client_id")
        return values

    def store_secrets(self, values: dict[str, str]) -> None:
        """Seal client id and secret; the caller saves."""
        remember(value for name, value in values.items() if name != "client_id")
        self.secrets = self.organization.vault.seal(values, place=self.SECRETS_PLACE, row_id=self.id)

    def mark_ok(self) -> None:
        """The connection works; whatever was wrong is over, and what waited for it is told."""
        was_ok = self.state == self.State.OK
        self.state, self.problem_code, self.problem_params, self.problem_at = self.State.OK, "", {}, None
        self.save(update_fields=["state", "problem_code", "problem_params", "problem_at"])
        mark_changed(self.organization_id)
        if not was_ok:
            connection_works.send(sender=Connection, connection=self)

    def mark_problem(self, code: str, params: dict[str, Any]) -> None:
        """A person must act on this connection; the first moment it was noticed is kept."""
        if self.problem_code != code:
            self.problem_at = timezone.now()
        self.state, self.problem_code, self.problem_params = self.State.NEEDS_PERSON, code, params
        self.save(update_fields=["state", "problem_code", "problem_params", "problem_at"])
        mark_changed(self.organization_id)

    @property
    def problem(self) -> str:
        """What is wrong, in the reader's language, or ""."""
        return sentence(self.problem_code, self.problem_params) if self.problem_code else ""


class Credential(TenantModel):
    """The tokens of a connection for one audience. Only connectors/tokens.py writes it (design 2.5)."""

    class State(models.TextChoices):
        OK = "ok"
        REFRESHING = "refreshing"
        NEEDS_REAUTH = "needs_reauth"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="credentials")
    audience = models.CharField(max_length=40, blank=True)
    tokens = models.BinaryField(null=True, editable=False)  # {"access", "refresh"}, sealed
    expires_at = models.DateTimeField(null=True)
    lifetime_seconds = models.FloatField(default=3600)
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=15, choices=State, default=State.OK)
    refresh_until = models.DateTimeField(null=True)
    refresh_fence = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)  # since when access tokens are refused right after they were made

    TOKENS_PLACE = "credential|tokens"

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["connection", "audience"], name="one_credential_per_audience")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.audience}"


class WebhookAddress(TenantModel):
    """Where a system tells about changes of one connection: an address with a secret, found by its digest.

    `kinds` are the sources whose changes the system was asked to announce; connectors/webhook_addresses.py.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="webhook_address")
    digest = models.CharField(max_length=64, unique=True)
    token = models.BinaryField(null=True, editable=False)  # sealed: the address is needed again to end deliveries
    kinds = models.JSONField(default=list)
    problem_code = models.CharField(max_length=60, blank=True)  # why asking for deliveries failed
    problem_params = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)  # when the system was last asked what stands there
    try_at = models.DateTimeField(null=True)  # not before
    delivery_count = models.PositiveIntegerField(default=0)
    last_event = models.CharField(max_length=60, blank=True)
    last_at = models.DateTimeField(null=True)
    refused_count = models.PositiveIntegerField(default=0)  # deliveries that were set aside
    refused_code = models.CharField(max_length=60, blank=True)
    refused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    TOKEN_PLACE = "webhookaddress|token"  # noqa: S105 - a place's name

    def __str__(self) -> str:
        return f"webhooks of {self.connection_id}"

    def read_token(self) -> str:
        """Return the secret part of the address."""
        return str(self.organization.vault.open(self.token, place=self.TOKEN_PLACE, row_id=self.id) or "")

    @property
    def problem(self) -> str:
        """Why it is off, in the reader's language, or ""."""
        return sentence(self.problem_code, self.problem_params) if self.problem_code else ""
