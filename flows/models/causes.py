"""What people keep about the records that need them: whose task a cause is, notes, and decisions that outlive a row."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.tenancy import TenantModel
from connectors.models import Connection


class CauseTask(TenantModel):
    """One cause that holds records back. It outlives them: a cause that returns finds its person and notes again."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SOLVED = "solved", _("Solved")

    class How(models.TextChoices):
        """What solved it."""

        PAIR = "pair", _("a counterpart was chosen")
        ITEM = "item", _("another item is sent instead")
        SETTING = "setting", _("a setting was changed")
        CHOSEN = "chosen", _("the right record was chosen")
        CREATED = "created", _("a new record is made")
        SENT = "sent", _("sent again")
        RULED = "ruled", _("a person decided")
        ASIDE = "aside", _("set aside")
        ITSELF = "itself", _("by itself, in a later run")

    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="cause_tasks")
    key = models.CharField(max_length=16)  # flows/needs/cause_tasks.py
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict)  # of one of its records
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    record_count = models.PositiveIntegerField(default=0)  # held back now, or by the time it was solved
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True)
    solved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    solved_how = models.CharField(max_length=10, choices=How, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="one_task_per_cause")]
        indexes = [models.Index(fields=["organization", "state", "-solved_at"], name="tasks_by_state")]

    def __str__(self) -> str:
        return f"{self.code} ({self.record_count})"


class CauseNote(TenantModel):
    """What somebody told the team about a cause."""

    task = models.ForeignKey(CauseTask, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=200, blank=True)  # as they were called then
    text = models.CharField(max_length=1000)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["task", "created_at"], name="notes_by_time")]

    def __str__(self) -> str:
        return self.text


class RecordNote(TenantModel):
    """What somebody told the team about one record; it goes when the record leaves the log."""

    record = models.ForeignKey("flows.RunRecord", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=200, blank=True)  # as they were called then, or the name of an API token
    text = models.CharField(max_length=1000)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["record", "created_at"], name="record_notes_by_time")]

    def __str__(self) -> str:
        return self.text


class Ruling(TenantModel):
    """What a person decided about one record where its cause leaves the choice to them (flows/engine/rulings.py)."""

    class Answer(models.TextChoices):
        SEND = "send", _("Send it all the same")
        LEAVE = "leave", _("Leave it as it is")
        CANCEL = "cancel", _("Cancel it there")
        REBOOK = "rebook", _("Book it anew")

    from_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    to_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    code = models.CharField(max_length=60)  # the cause that asked
    answer = models.CharField(max_length=10, choices=Answer)
    mark = models.CharField(max_length=40, blank=True)  # the version of the record it holds for; empty: every one
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["from_connection", "to_connection", "kind", "source_key", "code"], name="ruled_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_key}: {self.code} {self.answer}"


class KeptApart(TenantModel):
    """A person decided that a record is none of those that fit it: it becomes a new one in the target."""

    from_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    to_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["from_connection", "to_connection", "kind", "source_key"], name="kept_apart_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_key}"
