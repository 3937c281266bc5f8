"""What is wrong just now, what was told about it, and to whom: incidents, notifications, deliveries, choices."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.notifications.rules import Channel
from apicenter.tenancy import TenantModel


class Watch(TenantModel):
    """One per organization: whether something changed that people may have to be told, and when to look anyway."""

    is_changed = models.BooleanField(default=False)
    look_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="one_watch_each")]

    def __str__(self) -> str:
        return f"watch of {self.organization_id}"


class Incident(TenantModel):
    """Something that is wrong, from when it is first seen until it is over. One open row per key.

    For records the key is their common cause in one flow, so that five hundred of them are told as one. `records`
    remembers which ones it held back: it is solved when none of them needs a person and none is still being sent.
    """

    class Kind(models.TextChoices):
        RECORDS = "records"
        CONNECTION = "connection"
        FLOW = "flow"
        RUN = "run"
        QUIET = "quiet"
        TOKEN = "token"  # noqa: S105 - of the public API

    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=120)
    flow_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)  # of the connection or the run
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)
    records = models.JSONField(default=list)
    opened_at = models.DateTimeField(default=timezone.now)
    tell_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)  # since when nothing is seen of it
    closed_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"], condition=models.Q(closed_at__isnull=True), name="one_open_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Notification(TenantModel):
    """One thing that was told. `key` makes it unique: two workers that see the same make one."""

    event = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.CASCADE, related_name="notifications")
    flow_id = models.UUIDField(null=True)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="one_notification_per_key")]
        indexes = [models.Index(fields=["organization", "-created_at"], name="notifications_by_time")]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class Webhook(TenantModel):
    """An address of the organization's own that messages are sent to. It may be a secret itself: both are sealed."""

    class Format(models.TextChoices):
        GENERIC = "generic", _("JSON, signed")
        SLACK = "slack", _("Slack")
        TEAMS = "teams", _("Microsoft Teams")

    name = models.CharField(_("name"), max_length=80)
    format = models.CharField(max_length=10, choices=Format, default=Format.GENERIC)
    sealed = models.BinaryField(null=True, editable=False)  # {"url", "secret"}
    host = models.CharField(max_length=200)
    events = models.JSONField(default=list)
    language = models.CharField(max_length=5, default="en")
    is_on = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    worked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    PLACE = "webhook|sealed"

    def __str__(self) -> str:
        return self.name

    def read(self) -> dict[str, str]:
        """Return address and secret. Only apicenter/notifications/webhooks.py asks for them."""
        return self.organization.vault.open(self.sealed, place=self.PLACE, row_id=self.id) or {}

    def store(self, *, url: str, secret: str) -> None:
        """Seal address and secret; the caller saves."""
        self.sealed = self.organization.vault.seal({"url": url, "secret": secret}, place=self.PLACE, row_id=self.id)


class Delivery(TenantModel):
    """One notification on its way to one receiver: a row of the outbox, and the log of it afterwards."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        COLLECTED = "collected", _("Waits for the daily summary")
        SENT = "sent", _("Sent")
        OVER = "over", _("Not sent, as it was over")
        FAILED = "failed", _("Could not be delivered")

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Channel])
    target = models.CharField(max_length=80)  # who, across all channels: "email:7"
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    is_held = models.BooleanField(default=False)  # by quiet hours: goes out together with the others
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    answers = models.JSONField(default=list)  # one {"at", "status", "text", "seconds"} per try
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["notification", "target"], name="one_delivery_each")]
        indexes = [
            models.Index(
                fields=["due_at"], name="deliveries_due", condition=models.Q(state__in=["waiting", "sending"])
            ),
            models.Index(
                fields=["organization", "user"], name="deliveries_unread",
                condition=models.Q(channel="app", read_at__isnull=True),
            ),
            models.Index(fields=["organization", "target", "-created_at"], name="deliveries_by_target"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.target}: {self.state}"


class Preferences(TenantModel):
    """What one person chose; without a person, what holds for everybody who chose nothing.

    `choices` holds only what differs from the defaults, so that a changed default reaches those who never touched it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    choices = models.JSONField(default=dict)  # {event: {channel: mode}}
    muted_flows = models.JSONField(default=list)
    has_own_hours = models.BooleanField(default=False)  # otherwise those of the company
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    quiet_weekend = models.BooleanField(default=False)
    breaks_quiet = models.BooleanField(default=True)  # a lost connection is told at once
    time_zone = models.CharField(max_length=50, blank=True)
    summary_at = models.TimeField(default=time(8))
    summary_weekend = models.BooleanField(default=False)
    summary_always = models.BooleanField(default=False)  # also on days when all is well
    summed_up_on = models.DateField(null=True)
    paused_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_preferences_each"),
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(user__isnull=True), name="one_default_preferences"
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.user_id or self.organization_id}"
