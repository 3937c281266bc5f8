"""What a portion that was interrupted had read already."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel


class PortionMemory(TenantModel):
    """The answers that both sides gave while one portion of a run was read and planned, until it is stored.

    `answers` is sealed: {"source": …, "target": …} as connectors/memory.py writes them.
    """

    class Part(models.TextChoices):
        """Which portion: the next of what is read, or the stored records that are due again."""

        READ = "read"
        WAITING = "waiting"

    run = models.ForeignKey("flows.Run", on_delete=models.CASCADE, related_name="+")
    part = models.CharField(max_length=10, choices=Part)
    answers = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    ANSWERS_PLACE = "portionmemory|answers"

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "part"], name="one_memory_per_portion")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.part}"

    def read_answers(self) -> dict[str, Any]:
        """Return what is kept for each side."""
        found: dict[str, Any] = (
            self.organization.vault.open(self.answers, place=self.ANSWERS_PLACE, row_id=self.pk) or {}
        )
        return found

    def store_answers(self, answers: dict[str, Any]) -> None:
        """Seal what is to be kept; the caller saves."""
        self.answers = self.organization.vault.seal(answers, place=self.ANSWERS_PLACE, row_id=self.pk)
