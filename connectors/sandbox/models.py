"""State of the sandbox: accounts of the fake systems, what they hold, the tokens they gave out, the calls they got.

An account belongs to an organization, but the front door knows a caller by its token only, as the real systems do;
so these rows are read through `unscoped` (allow-listed).
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel


class Account(TenantModel):
    """One account of one fake system: a Teamleader account or a Visma.net company."""

    class System(models.TextChoices):
        TEAMLEADER = "teamleader", "Teamleader Focus"
        VISMA_NET = "visma_net", "Visma.net ERP"

    system = models.CharField(max_length=20, choices=System)
    remote_id = models.UUIDField(default=uuid.uuid4, unique=True)  # Teamleader account id, Visma.net tenant id
    client_id = models.CharField(max_length=80, unique=True)
    client_secret = models.CharField(max_length=80)
    options = models.JSONField(default=dict)  # see connectors/sandbox/options.py
    faults = models.JSONField(default=dict)  # see connectors/sandbox/faults.py
    counters = models.JSONField(default=dict)  # number series: {"customer": 10061}
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "system"], name="one_sandbox_account_each")]

    def __str__(self) -> str:
        return f"{self.system} {self.remote_id}"


class Thing(models.Model):
    """One record of a fake system: a product, a customer, a deal, a VAT category …"""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="things")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)  # the ETag

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind", "key"], name="one_thing_per_key")]
        indexes = [models.Index(fields=["account", "kind", "modified_at"], name="things_by_change")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Token(models.Model):
    """A code, access token or refresh token a fake system gave out."""

    class Kind(models.TextChoices):
        CODE = "code"
        ACCESS = "access"
        REFRESH = "refresh"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=120, unique=True)
    redirect_uri = models.CharField(max_length=300, blank=True)
    scope = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"


class Call(models.Model):
    """A call a fake system received: what the rate limit counts and what tests look at."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="calls_by_time")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Announcement(models.Model):
    """A webhook that a fake system is about to deliver."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="announcements")
    url = models.CharField(max_length=300)
    body = models.JSONField()
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="announcements_due")]

    def __str__(self) -> str:
        return f"{self.body.get('type')} to {self.url[:40]}"
