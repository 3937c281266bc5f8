"""The maps of a flow, as published and as its people change them, and its value tables."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel
from connectors.maps import NoPair
from flows.models.flows import Flow


class MapVersion(TenantModel):
    """The field maps of a flow as they were published once: {resource: ResourceMap}. Never changed afterwards."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="map_versions")
    number = models.PositiveIntegerField()
    maps = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="one_map_per_number")]

    def __str__(self) -> str:
        return f"{self.flow_id} v{self.number}"


class MapDraft(TenantModel):
    """The maps of a flow as its people are changing them: one per flow, shared, live only once it is published.

    `touched` holds per field who changed it last at which version, so that nobody overwrites another unknowingly;
    `done` and `undone` hold the last edits (lists of map_changes.FieldChange as JSON) for undo and redo.
    """

    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, related_name="map_draft")
    base = models.ForeignKey(MapVersion, on_delete=models.CASCADE, related_name="+")  # what it is compared with
    maps = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    touched = models.JSONField(default=dict)
    done = models.JSONField(default=list)
    undone = models.JSONField(default=list)
    editors = models.JSONField(default=dict)  # user id -> {"name": …, "at": …}
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.flow_id} draft {self.version}"


class ValueTable(TenantModel):
    """Pairs of values of two systems, and what happens to a value that has no pair."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="value_tables")
    name = models.CharField(max_length=40)
    no_pair = models.CharField(max_length=10, choices=[(rule.value, rule.value) for rule in NoPair], default="block")
    default = models.CharField(max_length=200, blank=True)
    undo = models.JSONField(null=True)  # what takes the last change back; flows/tables/value_tables.py

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["flow", "name"], name="one_value_table_per_name")]

    def __str__(self) -> str:
        return self.name


class ValueRow(TenantModel):
    """One pair."""

    table = models.ForeignKey(ValueTable, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200, blank=True)
    key_label = models.CharField(max_length=200, blank=True)
    value_label = models.CharField(max_length=200, blank=True)
    is_confirmed = models.BooleanField(default=False)
    is_left_open = models.BooleanField(default=False)  # a person chose to have records with this value held back

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="one_pair_per_key")]

    def __str__(self) -> str:
        return f"{self.key_label or self.key} → {self.value_label or self.value}"
