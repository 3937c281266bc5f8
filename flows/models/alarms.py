"""What the platform notices about itself."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Alarm(models.Model):
    """Something wrong with the platform itself, from when it is noticed until it is over. Told to the operator once."""

    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    raised_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(over_at__isnull=True), name="one_open_alarm_per_code"
            )
        ]

    def __str__(self) -> str:
        return self.code
