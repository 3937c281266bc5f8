"""The passes of a flow, the records in them and how they add up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.causes import sentence
from apicenter.tenancy import TenantModel
from flows.models.flows import Flow
from flows.models.maps import MapVersion


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
        API = "api", _("By a program")
        WEBHOOK = "webhook", _("Told by the source")
        RECONCILE = "reconcile", _("Nightly check")

    REPEATED = frozenset({Trigger.SCHEDULE, Trigger.WEBHOOK})  # again and again, without anybody asking

    class Phase(models.TextChoices):
        INDEX = "index", _("Looking at what exists already")
        READ = "read", _("Reading and sending")
        COMPARE = "compare", _("Comparing with the source")
        TARGETS = "targets", _("Comparing with the target")
        KEYS = "keys", _("Reading single records again")
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
    turn_start = models.PositiveIntegerField(default=0)  # how many were read when the present turn began
    limit = models.PositiveIntegerField(null=True)  # stop reading after so many records
    expected = models.PositiveIntegerField(null=True)  # how many a count beforehand has found
    stop_requested = models.BooleanField(default=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    calls_source = models.PositiveIntegerField(default=0)
    calls_target = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=60, blank=True)  # why it does not get on right now
    problem_params = models.JSONField(default=dict)
    held_up = models.JSONField(default=list)  # flows/running/held_up.py: what has kept it, now or before, oldest first
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


# The condition of the partial indexes, as it stands there: SQLite takes none of them for values it is given beside the
# statement, and would read the whole log instead.
IS_OPEN = models.Func(
    models.F("state"), template="%(expressions)s IN ('waiting', 'needs_you')", output_field=models.BooleanField()
)


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
    note_count = 0  # of the same thing; flows/needs/record_notes.py fills it in for a list
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
    amount = models.DecimalField(max_digits=18, decimal_places=3, null=True)  # including VAT, if the source gives one
    currency = models.CharField(max_length=8, blank=True)
    source = models.BinaryField(null=True)
    exchange = models.BinaryField(null=True)
    tries = models.JSONField(default=list)  # flows/engine/tries.py: what was tried and decided, oldest first
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
            models.Index(
                fields=["flow", "kind", "source_key"],
                name="records_superseded",
                condition=models.Q(code="skip.superseded"),
            ),
            models.Index(fields=["flow", "-created_at"], name="records_of_flow_by_time"),
            models.Index(fields=["flow", "kind", "source_key", "-created_at"], name="records_of_one_thing"),
            models.Index(fields=["organization", "-created_at"], name="records_by_time"),
            models.Index(fields=["expires_at"], name="records_by_expiry"),
            models.Index(
                fields=["organization", "-created_at"],
                name="records_open_by_time",
                condition=models.Q(state__in=["waiting", "needs_you"]),
            ),
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


class RecordMark(TenantModel):
    """An e-mail address in a record, found without being stored in clear (flows/log/people.py)."""

    record = models.ForeignKey(RunRecord, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=32)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "mark"], name="records_by_mark")]

    def __str__(self) -> str:
        return self.mark
