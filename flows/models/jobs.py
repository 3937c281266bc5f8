"""Work that waits for a worker, and who hands it out."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel
from connectors.models import Lane
from flows.models.runs import Run


class Job(TenantModel):
    """A piece of work in a lane. Present until it is done; a hint about it may be lost, doubled or late."""

    class Kind(models.TextChoices):
        RUN = "run"

    fence: int | None = None  # of the lease under which it was taken up
    INTERACTIVE, SOON, BULK = 0, 5, 10  # SOON: before what takes long, by the same workers

    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RUN)
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="job")
    priority = models.PositiveSmallIntegerField(default=BULK)
    next_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["lane", "priority", "next_at"], name="jobs_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.run_id}"


class Heartbeat(models.Model):
    """Who dispatches work in the embedded mode; a second one refuses to start while the first is alive."""

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=80)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.owner}"
