"""Comparing everything in the source with what was sent: what no run and no event brought is read, the rest reported.

The comparison is a run like any other: it takes pages of keys, which cost far less than records, and then reads what
it found. It never deletes anything. What is accounted for already:

- a pair, in the version that was read last;
- an open record, and one that the log or an earlier comparison knows as left out, in that version;
- what is older than the flow's first day, and what changed after the last run began: that is the next run's to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from apicenter.audit import current_actor
from apicenter.errors import FlowError, NotFound, RetryableError, SettingMissing
from apicenter.notifications.events import CHECK_FOUND
from apicenter.notifications.services import notify
from connectors.base import Listed, Target
from flows.catalog.registry import flow_kind
from flows.engine.bulk import insert_each, update_each
from flows.engine.work import Work
from flows.models import Binding, Flow, Job, KeyToRead, LeftOut, Reconciliation, Run, RunRecord
from flows.plans.charging import require_paid
from flows.running.key_runs import bindings_of
from flows.running.queue import Queue, enqueue
from flows.running.wake import ring_on_commit

MOST_READ = 2000  # of one comparison; what is beyond that, the next one finds
AT_ONCE = 20  # records of the target that are looked at side by side before they count as gone
OPEN = (Run.State.WAITING, Run.State.RUNNING)
Why = KeyToRead.Why
Versions = Mapping[str, datetime | None]


def start_check(flow: Flow, *, by_the_clock: bool = False) -> Run:
    """Queue a comparison; one that is at work is returned instead. Raises SettingMissing, FlowError."""
    with transaction.atomic():
        locked = Flow.objects.select_for_update(of=("self",)).select_related("target__lane", "map_version")
        flow = locked.get(pk=flow.pk)
        require_paid(flow)
        if flow.state != Flow.State.ACTIVE:
            raise SettingMissing("flow.inactive", flow=flow.name)
        at_work = Run.objects.filter(flow=flow, trigger=Run.Trigger.RECONCILE, state__in=OPEN)
        if found := at_work.exclude(phase=Run.Phase.SETTLE).first():
            return found
        read_until = last_reading(flow)
        if flow.adopted_at is None or read_until is None:
            raise FlowError("check.not_yet", flow=flow.name)
        run = Run.objects.create(
            flow=flow,
            trigger=Run.Trigger.RECONCILE,
            phase=Run.Phase.COMPARE,
            map_version=flow.map_version,
            started_by=None if by_the_clock else current_actor().user,
        )
        Reconciliation.objects.create(flow=flow, run=run, read_until=read_until)
        enqueue(run, priority=Job.BULK)
        ring_on_commit(Queue.BULK)
    return run


def last_reading(flow: Flow) -> datetime | None:
    """Return up to when everything that changed must have been read by an ordinary run, None before the first."""
    runs = Run.objects.filter(
        flow=flow, phase__in=(Run.Phase.SETTLE, Run.Phase.END), until=None, limit=None, started_at__isnull=False
    ).exclude(trigger__in=(Run.Trigger.BACKFILL, Run.Trigger.WEBHOOK, Run.Trigger.RECONCILE))
    latest = runs.aggregate(at=Max("started_at"))["at"]
    return latest - timedelta(seconds=settings.ENV.CURSOR_LAG_SECONDS) if latest else None


def compare_page(work: Work) -> None:
    """Compare one page of the source's keys; after the last, what was not listed is what may have vanished."""
    run = _run_of(work)
    page = work.source.keys(run.position)
    with transaction.atomic():
        work.guard()
        report = Reconciliation.objects.select_for_update().get(run=run)
        if page is None:
            report.lists_source = False
        else:
            _compare(work, report, page.rows)
        run.position = page.position if page else None
        if run.position is None:
            if page is not None:
                _find_vanished(work, report)
            run.phase = Run.Phase.TARGETS
        report.save()
        run.save(update_fields=["position", "phase"])


@dataclass(frozen=True, slots=True)
class Known:
    """What is accounted for of a page of keys, by source key."""

    pairs: Mapping[str, Binding]
    open: Versions
    left_out: Versions
    logged: Versions

    def is_known(self, row: Listed) -> bool:
        """Whether this record was read in this version, or in one that a list without times cannot tell from it."""
        versions = [known[row.key] for known in (self.open, self.left_out, self.logged) if row.key in known]
        if row.key in self.pairs:
            versions.append(self.pairs[row.key].modified_at)
        if not versions:
            return False
        return any(row.changed_at is None or at is None or at >= row.changed_at for at in versions)

    def was_read(self, key: str) -> bool:
        return any(key in known for known in (self.pairs, self.open, self.left_out, self.logged))


def _known(flow: Flow, keys: Iterable[str]) -> Known:
    keys = list(keys)
    records = RunRecord.objects.filter(flow=flow, kind__in=flow_kind(flow.kind).read_kinds, source_key__in=keys)
    is_open = Q(state__in=RunRecord.OPEN)
    return Known(
        pairs={pair.source_key: pair for pair in bindings_of(flow).filter(source_key__in=keys)},
        open=_versions(records.filter(is_open)),
        left_out=dict(LeftOut.objects.filter(flow=flow, source_key__in=keys).values_list("source_key", "changed_at")),
        logged=_versions(records.exclude(is_open).filter(state=RunRecord.State.SKIPPED)),
    )


def _versions(rows: QuerySet[RunRecord]) -> Versions:
    found = rows.order_by().values("source_key").annotate(at=Max("modified_at"))
    return dict(found.values_list("source_key", "at"))


def _compare(work: Work, report: Reconciliation, rows: Iterable[Listed]) -> None:
    flow, now = work.flow, timezone.now()
    rows = list({row.key: row for row in rows}.values())
    known = _known(flow, [row.key for row in rows])
    report.compared += len(rows)
    found: list[KeyToRead] = []
    for row in rows:
        if not row.is_wanted or known.is_known(row):
            continue
        if row.changed_at is not None and flow.start_from and row.changed_at < flow.start_from:
            report.older += 1
        elif row.changed_at is not None and row.changed_at > report.read_until:
            report.later += 1
        else:
            why = Why.CHANGED if known.was_read(row.key) else Why.MISSING
            found.append(_key(work, row.key, why, changed_at=row.changed_at))
    _add(report, found)
    bindings_of(flow).filter(source_key__in=list(known.pairs)).update(source_seen_at=now, source_gone_at=None)
    _note_versions(known.pairs, rows)
    LeftOut.objects.filter(flow=flow, source_key__in=list(known.left_out)).update(seen_at=now)
    skipped = [row for row in rows if row.key in known.logged and row.key not in known.pairs and known.is_known(row)]
    insert_each(
        [LeftOut(flow=flow, source_key=row.key, changed_at=known.logged[row.key]) for row in skipped],
        unique=("flow", "source_key"),
        updates=("changed_at", "seen_at"),
    )


def _note_versions(pairs: Mapping[str, Binding], rows: Iterable[Listed]) -> None:
    """Pairs from before versions were kept: what stands there now counts as read."""
    stale: list[Binding] = []
    for row in rows:
        pair = pairs.get(row.key)
        if pair is not None and pair.modified_at is None and row.changed_at is not None:
            pair.modified_at = row.changed_at
            stale.append(pair)
    update_each(stale, ["modified_at"])


def _add(report: Reconciliation, found: list[KeyToRead]) -> None:
    """Put keys on the list of the run, as many as one comparison may read."""
    room = max(0, MOST_READ - KeyToRead.objects.filter(run=report.run_id).count())
    taken = found[:room]
    KeyToRead.objects.bulk_create(taken, ignore_conflicts=True)
    report.left_over += len(found) - len(taken)
    for row in taken:
        name = {Why.MISSING: "missing", Why.CHANGED: "changed"}.get(Why(row.why))
        if name:
            setattr(report, name, getattr(report, name) + 1)


def _key(work: Work, key: str, why: str, *, changed_at: datetime | None = None) -> KeyToRead:
    return KeyToRead(
        organization_id=work.flow.organization_id,
        flow_id=work.flow.pk,
        run_id=_run_of(work).pk,
        source_key=key,
        why=why,
        changed_at=changed_at,
    )


def _find_vanished(work: Work, report: Reconciliation) -> None:
    """What is paired and was not listed is read again: a list that moves while it is read may have left it out."""
    old = bindings_of(work.flow).filter(created_at__lt=report.started_at, source_gone_at=None)
    unseen = old.filter(Q(source_seen_at=None) | Q(source_seen_at__lt=report.started_at))
    _add(report, [_key(work, key, Why.VANISHED) for key in unseen.values_list("source_key", flat=True)])
    LeftOut.objects.filter(flow=work.flow, seen_at__lt=report.started_at).delete()


def compare_targets(work: Work) -> None:
    """Look whether what was sent still exists in the target, page by page, where it can be listed."""
    run, target = _run_of(work), work.target(work.kind.key)
    if not (target.can_list and target.can_read):
        with transaction.atomic():
            work.guard()
            Reconciliation.objects.filter(run=run).update(lists_target=False)
            _end_targets(run)
        return
    if run.position is not None and "verify" in run.position:
        _verify(work, target)
        return
    found, position = target.index_page(run.position["at"] if run.position else None)
    with transaction.atomic():
        work.guard()
        pairs = bindings_of(work.flow).filter(kind=work.kind.key, target_id__in=[one.id for one in found])
        pairs.update(target_seen_at=timezone.now(), target_gone_at=None)
        Reconciliation.objects.filter(run=run).update(target_compared=F("target_compared") + len(found))
        run.position = {"at": position} if position is not None else {"verify": True}
        run.save(update_fields=["position"])


def _verify(work: Work, target: Target) -> None:
    """Read what was not listed one by one, a few at a time, before it counts as gone."""
    run = _run_of(work)
    report = Reconciliation.objects.get(run=run)
    pairs = bindings_of(work.flow).filter(kind=work.kind.key, target_gone_at=None, source_gone_at=None)
    pairs = pairs.filter(created_at__lt=report.started_at)
    unseen = list(pairs.filter(Q(target_seen_at=None) | Q(target_seen_at__lt=report.started_at))[:AT_ONCE])
    answers = target.api.settle(lambda pair: target.read(pair.target_id), unseen)
    gone, now = [], timezone.now()
    for pair, answer in zip(unseen, answers, strict=True):
        if isinstance(answer, NotFound):
            pair.target_gone_at = now
            gone.append(pair)
        elif isinstance(answer, RetryableError | FlowError):
            raise answer
        else:  # it is there, even if it cannot be read
            pair.target_seen_at = now
    with transaction.atomic():
        work.guard()
        update_each(unseen, ["target_seen_at", "target_gone_at"])
        _hold_gone(work, [pair.source_key for pair in gone])
        if len(unseen) < AT_ONCE:
            _end_targets(run)


def _hold_gone(work: Work, keys: list[str]) -> None:
    if not keys:
        return
    run = _run_of(work)
    KeyToRead.objects.filter(run=run, source_key__in=keys).delete()
    KeyToRead.objects.bulk_create([_key(work, key, Why.TARGET_GONE) for key in keys])
    Reconciliation.objects.filter(run=run).update(target_gone=F("target_gone") + len(keys))


def _end_targets(run: Run) -> None:
    run.phase, run.position = Run.Phase.KEYS, None
    run.save(update_fields=["phase", "position"])


def close(run: Run) -> None:
    """The comparison is over and all it found is read: sum up, and tell if there is something to tell."""
    with transaction.atomic():
        report = Reconciliation.objects.select_for_update(of=("self",)).select_related("flow").get(run=run)
        if report.finished_at is not None:
            return
        report.finished_at = timezone.now()
        report.vanished = bindings_of(report.flow).filter(source_gone_at__gte=report.started_at).count()
        report.save(update_fields=["finished_at", "vanished"])
        if report.found or report.vanished or report.target_gone:
            _tell(report)


def _tell(report: Reconciliation) -> None:
    params = {
        "flow": report.flow.name,
        "compared": report.compared,
        "found": report.found,
        "vanished": report.vanished,
        "gone": report.target_gone,
    }
    notify(
        CHECK_FOUND, flow=report.flow, params=params, link=f"/flows/{report.flow_id}/check/", key=f"check-{report.pk}"
    )


def vanished_of(flow: Flow) -> QuerySet[Binding]:
    """Return the pairs whose record no longer exists in the source, latest first."""
    return bindings_of(flow).filter(source_gone_at__isnull=False).order_by("-source_gone_at", "number")


def latest_check(flow: Flow) -> Reconciliation | None:
    """Return the last comparison that came to its end."""
    done = Reconciliation.objects.filter(flow=flow, finished_at__isnull=False)
    return done.select_related("run").order_by("-started_at").first()


def _run_of(work: Work) -> Run:
    assert work.run is not None
    return work.run
