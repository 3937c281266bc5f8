"""What is known of two records that belong together, or may: pairs, creates under way, records to pair with."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel
from connectors.models import Connection
from flows.models.flows import Flow


class Binding(TenantModel):
    """A record here is that record there. Unique both ways.

    `fingerprint` covers what an update would send; `hashes` has one per written field, so that "only while untouched"
    can be decided without keeping the values themselves.
    """

    from_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    to_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    target_id = models.CharField(max_length=120)
    natural_key = models.CharField(max_length=200, blank=True)  # case-folded
    number = models.CharField(max_length=120, blank=True)  # what a person calls it in the target
    fingerprint = models.CharField(max_length=32, blank=True)
    hashes = models.JSONField(default=dict)
    modified_at = models.DateTimeField(null=True)  # of the source's version that was read last
    source_seen_at = models.DateTimeField(null=True)  # these four: flows/reconciling/reconciliation.py
    source_gone_at = models.DateTimeField(null=True)
    target_seen_at = models.DateTimeField(null=True)
    target_gone_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["from_connection", "to_connection", "kind", "source_key"], name="binding_by_source"
            ),
            models.UniqueConstraint(
                fields=["from_connection", "to_connection", "kind", "target_id"], name="binding_by_target"
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_connection", "to_connection", "kind", "natural_key"], name="binding_by_natural_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_key} = {self.target_id}"


class Intent(TenantModel):
    """A create that was or may have been sent and is not settled. Committed before the first byte leaves.

    It is deleted in the transaction that saves its clear answer; while it stands, nobody creates this record again
    without looking first (design 2.4).
    """

    to_connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    reference = models.CharField(max_length=40)
    natural_key = models.CharField(max_length=200, blank=True)
    fence = models.PositiveBigIntegerField()
    sent_at = models.DateTimeField()
    look_at = models.DateTimeField()  # not before: the other side may still be working on it
    rounds = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["to_connection", "kind", "source_key"], name="one_intent_per_record")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_key} ({self.reference})"


class Candidate(TenantModel):
    """A record found in the target while it was indexed, waiting to be paired by natural key."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="+")
    natural_key = models.CharField(max_length=200)  # case-folded
    target_id = models.CharField(max_length=120)
    label = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["flow", "target_id"], name="one_candidate_each")]
        indexes = [models.Index(fields=["flow", "natural_key"], name="candidates_by_key")]

    def __str__(self) -> str:
        return self.natural_key
