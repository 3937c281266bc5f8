"""Questions of the set-up that somebody without an account here was asked to answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.tenancy import TenantModel
from flows.models import ValueTable


class Inquiry(TenantModel):
    """A value table, or one row of it, sent to somebody as a link. The link itself is never stored, only its hash."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for an answer")
        ANSWERED = "answered", _("answered")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("withdrawn")

    table = models.ForeignKey(ValueTable, on_delete=models.CASCADE, related_name="+")
    rows = models.JSONField(default=list)  # names of the rows that are asked for; empty = all
    name = models.CharField(max_length=150)
    email = models.EmailField()
    language = models.CharField(max_length=5)
    note = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=dict)  # key of the table: the value that was chosen
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["table", "-created_at"], name="inquiries_of_table")]

    def __str__(self) -> str:
        return f"{self.table_id} → {self.email}"

    @property
    def state(self) -> str:
        """Where it stands; one that was answered may be answered again while it is open."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.answered_at is not None:
            return self.State.ANSWERED
        return self.State.WAITING if self.expires_at > timezone.now() else self.State.EXPIRED

    @property
    def is_open(self) -> bool:
        """Whether its link still opens."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def state_words(self) -> str:
        return str(self.State(self.state).label)

    @property
    def who(self) -> str:
        """Who is asked, as the trail of changes names them."""
        return f"{self.name} <{self.email}>"
