"""What a flow is, and the addresses that start one."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.causes import sentence
from apicenter.notifications.watch import mark_changed
from apicenter.tenancy import TenantModel
from connectors.models import Connection
from flows.titles import title_of


class Flow(TenantModel):
    """One kind of record going one way between two connections."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being set up")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")

    kind = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=150)
    source = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="flows_out")
    target = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="flows_in")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    pause_code = models.CharField(max_length=60, blank=True)
    pause_params = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)  # the kind's own typed model
    filters = models.JSONField(null=True)  # flows/maps/conditions.py
    every_minutes = models.PositiveIntegerField(null=True, blank=True)  # these three: flows/running/schedule.py
    daily_at = models.TimeField(null=True, blank=True)  # in the organization's time zone
    cron = models.CharField(max_length=100, blank=True)
    next_run_at = models.DateTimeField(null=True)
    hours_from = models.TimeField(null=True, blank=True)  # in the organization's zone: flows/running/behaviour.py
    hours_until = models.TimeField(null=True, blank=True)
    most_per_run = models.PositiveIntegerField(null=True, blank=True)  # records that are read in one turn
    most_errors = models.PositiveSmallIntegerField(null=True, blank=True)  # in a row, before the flow pauses
    errors_from = models.DateTimeField(null=True)  # those before do not count
    reacts_at_once = models.BooleanField(default=True)  # to what the source tells by itself; flows/triggers/hints.py
    hinted_at = models.DateTimeField(null=True)  # when it last told something
    is_checked_nightly = models.BooleanField(default=True)  # flows/reconciling/nightly.py
    check_at = models.DateTimeField(null=True)
    start_from = models.DateTimeField(null=True)
    cursor = models.DateTimeField(null=True)  # largest modification time received by a finished run
    adopted_at = models.DateTimeField(null=True)  # when the target was indexed for first pairing
    map_version = models.ForeignKey("MapVersion", null=True, on_delete=models.PROTECT, related_name="+")
    internal_errors = models.PositiveSmallIntegerField(default=0)  # in a row
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """What people call it, in the reader's language."""
        return title_of(self.kind, self.name)

    @property
    def pause_reason(self) -> str:
        """Why it is paused, in the reader's language, or ""."""
        return sentence(self.pause_code, {**self.pause_params, "flow": self.title}) if self.pause_code else ""

    def pause(self, code: str = "", params: dict[str, str] | None = None) -> None:
        """Stop taking up work. Nothing is lost: what waits goes on when it is resumed."""
        self.state, self.pause_code, self.pause_params = self.State.PAUSED, code, params or {}
        self.save(update_fields=["state", "pause_code", "pause_params"])
        mark_changed(self.organization_id)


class FlowHook(TenantModel):
    """An address that another program calls to start a flow (flows/triggers/hooks.py)."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="hooks")
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=8)  # the first letters of the secret, so that a person recognises it
    calls = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_called_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.flow_id} {self.start}…"
