"""Tokens of the public API, and what was answered to a write that may be asked again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.tenancy import TenantModel


class ApiToken(TenantModel):
    """What a program shows to work for an organization. Only a digest is kept: the token itself is shown once."""

    name = models.CharField(_("name"), max_length=100)
    start = models.CharField(max_length=16)  # the first letters, so that a person recognises it
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def is_valid(self, now: datetime) -> bool:
        """Whether it still opens the door at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class IdempotentRequest(TenantModel):
    """A write that named an idempotency key, and its answer once there is one. The answer is sealed."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # of method, path and body: the same key never stands for two requests
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    PLACE = "idempotentrequest|answer"

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return self.key

    def seal(self, value: Any) -> None:
        self.answer = self.organization.vault.seal(value, place=self.PLACE, row_id=self.id)

    def read(self) -> Any:
        return self.organization.vault.open(self.answer, place=self.PLACE, row_id=self.id)
