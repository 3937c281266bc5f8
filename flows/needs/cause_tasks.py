"""Causes as tasks: which records belong together, whose task it is, what was said about it, and when it was solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apicenter.audit import current_actor, record_change
from apicenter.notifications import care
from apicenter.notifications.models import Incident
from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context
from flows.models import IS_OPEN, CauseNote, CauseTask, RunRecord
from flows.needs.behind import HeldRow, waits_for
from flows.needs.cause_keys import cause_key

How = CauseTask.How
State = CauseTask.State
SHOWN_DAYS = 7
KEPT_DAYS = 90  # a cause that returns within this time finds its person and its notes again


class NotAMember(ValueError):
    """The person does not belong to the organization."""


@dataclass(slots=True)
class _Held:
    flow_id: UUID
    code: str
    params: Mapping[str, Any]
    count: int = 0


def refresh_tasks(*, how: str = How.ITSELF) -> None:
    """Bring the tasks of the organization in context into line with the records that need somebody now.

    What holds nothing back any more is solved, `how` and by whoever acts; what has come back is open again.
    """
    held = _held_now()
    known = {task.key: task for task in CauseTask.objects.filter(Q(key__in=held) | Q(state=State.OPEN))}
    fresh = [
        CauseTask(flow_id=one.flow_id, key=key, code=one.code, params=one.params, record_count=one.count)
        for key, one in held.items()
        if key not in known
    ]
    CauseTask.objects.bulk_create(fresh, ignore_conflicts=True)
    for key, task in known.items():
        if key in held:
            _keep_open(task, held[key])
        else:
            _solve(task, how)


def _held_now() -> dict[str, _Held]:
    """Return what is held, by cause. What waits for another held record counts as held by that one's cause."""
    open_rows = RunRecord.objects.filter(IS_OPEN, state=RunRecord.State.NEEDS_YOU).order_by()
    rows = [HeldRow(*values) for values in open_rows.values_list("pk", "flow_id", "source_key", "code", "params")]
    by_pk, behind = {row.pk: row for row in rows}, waits_for(rows)
    held: dict[str, _Held] = {}
    for row in rows:
        first = by_pk[behind.get(row.pk, row.pk)]
        key = cause_key(first.flow_id, first.code, first.params)
        held.setdefault(key, _Held(first.flow_id, first.code, first.params)).count += 1
    return held


def _keep_open(task: CauseTask, held: _Held) -> None:
    if task.state == State.SOLVED:
        task.state, task.opened_at = State.OPEN, timezone.now()
        task.solved_at, task.solved_by, task.solved_how = None, None, ""
    elif task.record_count == held.count:
        return
    task.record_count, task.params = held.count, dict(held.params)
    task.save(update_fields=["state", "opened_at", "solved_at", "solved_by", "solved_how", "record_count", "params"])


def _solve(task: CauseTask, how: str) -> None:
    CauseTask.objects.filter(pk=task.pk, state=State.OPEN).update(
        state=State.SOLVED, solved_at=timezone.now(), solved_by=current_actor().user, solved_how=how
    )


@contextmanager
def deciding(how: How) -> Iterator[None]:
    """Do something about causes: those that hold nothing back afterwards are solved by it. In one transaction."""
    with transaction.atomic():
        refresh_tasks()
        yield
        refresh_tasks(how=how)


def open_tasks() -> dict[str, CauseTask]:
    """Return the open tasks by their key, with whose they are and their notes."""
    rows = CauseTask.objects.filter(state=State.OPEN).select_related("assignee").prefetch_related("notes")
    return {task.key: task for task in rows}


def solved_tasks(*, days: int = SHOWN_DAYS) -> QuerySet[CauseTask]:
    """Return what was solved in the last days, newest first."""
    since = timezone.now() - timedelta(days=days)
    rows = CauseTask.objects.filter(state=State.SOLVED, solved_at__gte=since)
    return rows.select_related("solved_by", "flow__source", "flow__target").order_by("-solved_at")


def assign(task: CauseTask, person: User | None) -> None:
    """Make it somebody's task, or nobody's. Raises NotAMember."""
    if person is not None and not Membership.objects.filter(user=person).exists():
        raise NotAMember(person.pk)
    with transaction.atomic():
        record_change(
            "cause.assigned",
            subject=f"{task.flow.name}: {task.code}",
            before={"assignee": str(task.assignee or "")},
            after={"assignee": str(person or "")},
        )
        task.assignee, task.assigned_at = person, timezone.now() if person else None
        task.save(update_fields=["assignee", "assigned_at"])
        care.hand_over(task.key, person)


def take_care(incident: Incident, person: User) -> bool:
    """Somebody takes care of what a message is about; of a cause they become the assignee. False when it is over."""
    if not care.take(incident, person):
        return False
    task = _task_of(incident)
    if task is not None and task.assignee_id != person.pk:
        assign(task, person)
    return True


def give_back(incident: Incident) -> None:
    """Nobody takes care of it any more, nor is anybody the assignee of its cause."""
    care.give_back(incident)
    task = _task_of(incident)
    if task is not None and task.assignee_id is not None:
        assign(task, None)


def _task_of(incident: Incident) -> CauseTask | None:
    key = care.cause_of(incident)
    if not key:
        return None
    refresh_tasks()  # a message may be quicker than the task
    return CauseTask.objects.filter(key=key, state=State.OPEN).first()


def add_note(task: CauseTask, text: str, *, author: User) -> CauseNote:
    """Tell the team something about a cause. Raises ValueError for an empty or much too long text."""
    text = text.strip()
    longest = CauseNote._meta.get_field("text").max_length or 0
    if not text or len(text) > longest:
        raise ValueError("a note has 1 to 1000 characters")
    return CauseNote.objects.create(task=task, author=author, who=str(author), text=text)


def refresh_all_tasks() -> int:
    """Refresh the tasks of every organization and forget those solved long ago. Returns how many were forgotten."""
    forgotten = 0
    for organization in Organization.objects.all():
        with organization_context(organization.pk):
            with transaction.atomic():
                refresh_tasks()
            old = CauseTask.objects.filter(state=State.SOLVED, solved_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
            forgotten += old.delete()[0]
    return forgotten
