"""What people decided about single records where a cause leaves the choice to them: the answer stands for next time.

A ruling may hold for one version of a record only (`mark`): when the record changes again, somebody is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from apicenter.audit import current_actor, record_change
from flows.models import Ruling, RunRecord
from flows.needs.replays import NotAChoice, record_name, replay

if TYPE_CHECKING:
    from flows.engine.work import Work

Answer = Ruling.Answer
# What may be answered to a cause, in the order it is offered.
ANSWERS: dict[str, tuple[str, ...]] = {
    "order.several": (Answer.SEND,),
    "stock.short": (Answer.SEND,),
    "order.changed": (Answer.SEND, Answer.LEAVE),
    "order.changed_there": (Answer.LEAVE, Answer.SEND),
    "order.changed_late": (Answer.LEAVE,),
    "order.gone_there": (Answer.LEAVE,),
    "order.lost": (Answer.CANCEL, Answer.LEAVE),
    "order.reopened": (Answer.CANCEL, Answer.LEAVE),
    "order.withdrawn": (Answer.CANCEL, Answer.LEAVE),
    "order.lost_late": (Answer.LEAVE,),
    "entry.changed": (Answer.REBOOK, Answer.CANCEL, Answer.LEAVE),
    "entry.ended": (Answer.CANCEL, Answer.LEAVE),
    "entry.undone": (Answer.REBOOK, Answer.LEAVE),
    "totals.differ_after": (Answer.LEAVE,),
    "totals.rates_differ_after": (Answer.LEAVE,),
}


def rule(record: RunRecord, answer: str) -> int:
    """Store what a person decided about a record, and plan it again. Returns how many records go out again.

    Raises NotAChoice for a record that is not asked about, or an answer that its cause does not know.
    """
    if record.state != RunRecord.State.NEEDS_YOU or answer not in ANSWERS.get(record.code, ()):
        raise NotAChoice(answer)
    flow = record.flow
    with transaction.atomic():
        Ruling.objects.update_or_create(
            from_connection_id=flow.source_id,
            to_connection_id=flow.target_id,
            kind=record.kind,
            source_key=record.source_key,
            code=record.code,
            defaults={"answer": answer, "mark": str(record.params.get("mark", "")), "user": current_actor().user},
        )
        record_change("record.ruled", subject=record_name(record), after={"cause": record.code, "answer": answer})
        return replay(RunRecord.objects.filter(pk=record.pk))


def load(work: Work, kind: str, keys: list[str]) -> None:
    """Read what was decided about these records, once for a page."""
    rows = Ruling.objects.filter(
        from_connection=work.flow.source_id, to_connection=work.flow.target_id, kind=kind, source_key__in=keys
    )
    for row in rows.select_related("user"):
        work.rulings[row.source_key, row.code] = row


def find(work: Work, key: str, code: str, *, mark: str = "") -> Ruling | None:
    """Return what was decided about this cause of a record, for this version of it."""
    row = work.rulings.get((key, code))
    return row if row is not None and row.mark == mark else None


def is_let_pass(work: Work, key: str, code: str) -> bool:
    """Whether a person said that the record is to be sent all the same."""
    row = find(work, key, code)
    return row is not None and row.answer == Answer.SEND
