"""What is to be read again because something pointed at it, and what a comparison of both systems found."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel


class KeyToRead(TenantModel):
    """A record to read again: one row for as long as it waits, however often something points at it.

    Without a run it is a hint of the source, and `source_key` "" means: read what changed lately.
    """

    class Why(models.TextChoices):
        """What pointed at it."""

        HINT = "hint"
        MISSING = "missing"  # in the source, never read
        CHANGED = "changed"  # in the source in a newer version than the one that was read
        VANISHED = "vanished"  # paired, and not in the source's list
        TARGET_GONE = "gone"  # paired, and not in the target's list

    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey("flows.Run", null=True, on_delete=models.CASCADE, related_name="+")
    source_key = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=10, choices=Why, default=Why.HINT)
    times = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True)  # as the source's list says
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "source_key"], condition=models.Q(run=None), name="one_hint_per_record"
            ),
            models.UniqueConstraint(
                fields=["run", "source_key"], condition=models.Q(run__isnull=False), name="one_key_per_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.source_key}"


class Reconciliation(TenantModel):
    """One comparison of everything in the source with what was sent; its run reads what it found."""

    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="reconciliations")
    run = models.OneToOneField("flows.Run", on_delete=models.CASCADE, related_name="reconciliation")
    started_at = models.DateTimeField(default=timezone.now)
    read_until = models.DateTimeField()  # what changed later is the next run's to read
    finished_at = models.DateTimeField(null=True)
    lists_source = models.BooleanField(default=True)  # whether the systems can list what they have
    lists_target = models.BooleanField(default=True)
    compared = models.PositiveIntegerField(default=0)
    target_compared = models.PositiveIntegerField(default=0)
    older = models.PositiveIntegerField(default=0)  # from before the flow's first day
    later = models.PositiveIntegerField(default=0)  # changed since the last run began
    missing = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)
    target_gone = models.PositiveIntegerField(default=0)
    left_over = models.PositiveIntegerField(default=0)  # found, and left to the next comparison

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["flow", "-started_at"], name="reconciliations_by_time")]

    def __str__(self) -> str:
        return f"{self.flow_id} {self.started_at:%Y-%m-%d}: {self.compared}"

    @property
    def found(self) -> int:
        """Records that no run and no event had brought."""
        return self.missing + self.changed


class LeftOut(TenantModel):
    """A record that was read in this version and deliberately not sent, so that a comparison does not read it again."""

    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="+")
    source_key = models.CharField(max_length=120)
    changed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)  # when the source last listed it

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["flow", "source_key"], name="left_out_once")]

    def __str__(self) -> str:
        return self.source_key
