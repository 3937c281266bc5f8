"""Flows, their maps and value tables; runs, the records in them, bindings, intents; jobs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.causes import sentence
from apicenter.tenancy import TenantModel
from connectors.maps import NoPair
from connectors.models import Connection, Lane


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
    filters = models.JSONField(null=True)  # flows/conditions.py
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True)
    start_from = models.DateTimeField(null=True)
    cursor = models.DateTimeField(null=True)  # largest modification time received by a finished run
    adopted_at = models.DateTimeField(null=True)  # when the target was indexed for first pairing
    map_version = models.ForeignKey("MapVersion", null=True, on_delete=models.PROTECT, related_name="+")
    internal_errors = models.PositiveSmallIntegerField(default=0)  # in a row
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def pause_reason(self) -> str:
        """Why it is paused, in the reader's language, or ""."""
        return sentence(self.pause_code, self.pause_params) if self.pause_code else ""

    def pause(self, code: str = "", params: dict[str, str] | None = None) -> None:
        """Stop taking up work. Nothing is lost: what waits goes on when it is resumed."""
        self.state, self.pause_code, self.pause_params = self.State.PAUSED, code, params or {}
        self.save(update_fields=["state", "pause_code", "pause_params"])


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


class ValueTable(TenantModel):
    """Pairs of values of two systems, and what happens to a value that has no pair."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="value_tables")
    name = models.CharField(max_length=40)
    no_pair = models.CharField(max_length=10, choices=[(rule.value, rule.value) for rule in NoPair], default="block")
    default = models.CharField(max_length=200, blank=True)

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

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="one_pair_per_key")]

    def __str__(self) -> str:
        return f"{self.key_label or self.key} → {self.value_label or self.value}"


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


class Run(TenantModel):
    """One pass of a flow."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to start")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    class Trigger(models.TextChoices):
        MANUAL = "manual", _("Started by hand")
        SCHEDULE = "schedule", _("By schedule")
        BACKFILL = "backfill", _("Older records")
        COMMAND = "command", _("From the command line")

    class Phase(models.TextChoices):
        INDEX = "index", _("Looking at what exists already")
        READ = "read", _("Reading and sending")
        SETTLE = "settle", _("Finishing what waits")
        END = "end", _("Finished")

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.READ)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    position = models.JSONField(null=True)
    seen_until = models.DateTimeField(null=True)
    limit = models.PositiveIntegerField(null=True)  # stop reading after so many records
    calls_source = models.PositiveIntegerField(default=0)
    calls_target = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=60, blank=True)  # why it does not get on right now
    problem_params = models.JSONField(default=dict)
    map_version = models.ForeignKey(MapVersion, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["flow", "-created_at"], name="runs_by_time")]

    def __str__(self) -> str:
        return f"{self.flow_id} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_backfill(self) -> bool:
        return self.trigger == self.Trigger.BACKFILL

    @property
    def problem(self) -> str:
        """What keeps it from getting on, in the reader's language, or ""."""
        return sentence(self.problem_code, self.problem_params) if self.problem_code else ""


class Tally(TenantModel):
    """The accounting equation of one kind of record in one run; it outlives the log."""

    BUCKETS = ("created", "updated", "unchanged", "skipped", "waiting", "needs_you")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=40)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    needs_you = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "kind"], name="one_tally_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.read} = " + " + ".join(str(getattr(self, name)) for name in self.BUCKETS)

    @property
    def is_balanced(self) -> bool:
        """Whether every record that was read is accounted for."""
        return self.read == sum(getattr(self, name) for name in self.BUCKETS)


class RunRecord(TenantModel):
    """One record in one run: the unit of work while it is open, the log row afterwards.

    Payloads are sealed: `source` holds what came, `exchange` what was sent and answered.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        UNCHANGED = "unchanged", _("Unchanged")
        SKIPPED = "skipped", _("Skipped")
        NEEDS_YOU = "needs_you", _("Needs you")

    OPEN = (State.WAITING, State.NEEDS_YOU)
    SOURCE_PLACE, EXCHANGE_PLACE = "runrecord|source", "runrecord|exchange"

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="records")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    natural_key = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State)
    code = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict)
    field = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    target_id = models.CharField(max_length=120, blank=True)
    target_number = models.CharField(max_length=120, blank=True)
    source = models.BinaryField(null=True)
    exchange = models.BinaryField(null=True)
    map_version = models.ForeignKey(MapVersion, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "kind", "source_key"], name="once_per_run")]
        indexes = [
            models.Index(fields=["run", "state", "next_at"], name="records_due"),
            models.Index(
                fields=["flow", "kind", "source_key"],
                name="records_open",
                condition=models.Q(state__in=["waiting", "needs_you"]),
            ),
            models.Index(fields=["flow", "-created_at"], name="records_of_flow_by_time"),
            models.Index(fields=["organization", "-created_at"], name="records_by_time"),
            models.Index(fields=["expires_at"], name="records_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.natural_key or self.source_key}: {self.state}"

    @property
    def reason(self) -> str:
        """Why it is where it is, in the reader's language, or ""."""
        return sentence(self.code, self.params) if self.code else ""

    @property
    def is_untried(self) -> bool:
        """Whether it waits as it was planned, not tried since or only stopped by the limit: what was looked up for it
        then still holds."""
        is_as_stored = (self.next_at == self.created_at and not self.code) or self.code == "remote.rate_limited"
        return self.state == self.State.WAITING and not self.attempts and is_as_stored

    def read_source(self) -> Any:
        """Return the raw JSON that came."""
        return self.organization.vault.open(self.source, place=self.SOURCE_PLACE, row_id=self.id)

    def read_exchange(self) -> Any:
        """Return what was sent and answered, or None."""
        return self.organization.vault.open(self.exchange, place=self.EXCHANGE_PLACE, row_id=self.id)


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


class Job(TenantModel):
    """A piece of work in a lane. Present until it is done; a hint about it may be lost, doubled or late."""

    class Kind(models.TextChoices):
        RUN = "run"

    INTERACTIVE, BULK = 0, 10

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
