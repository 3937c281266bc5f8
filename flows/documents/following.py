"""Documents that were sent and whose record changed or ended since: looked at in the target, then left, changed,
cancelled, or shown to a person with what differs.

Nothing is overwritten that somebody changed there: the document must stand as sent (flows/documents/comparing.py),
and the version that was seen is what a change names as its base. A change that was not answered is looked at again,
and only what is still missing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

from apicenter.errors import ApicenterError, RecordError
from connectors.base import Omitted, ReadRecord, SourceRecord
from connectors.core import JSONDict
from connectors.revising import Standing
from flows.catalog.after import AfterChange, AfterLoss
from flows.catalog.base import Resolved, with_resolved
from flows.documents.comparing import Comparison, compare
from flows.engine import rulings
from flows.engine.plan import PARTIAL, Action, Bound, Change, Rules, all_hashes, hold, is_as_sent, mark_of
from flows.engine.rulings import Answer
from flows.engine.work import Work
from flows.maps.look_ups import with_look_ups
from flows.maps.mapping import Built, build

GONE = "gone"  # the fingerprint of a pair whose document we cancelled
LOSSES = {  # why a source leaves out what was an order: the cause a person is asked with
    "skip.lost": "order.lost",
    "skip.reopened": "order.reopened",
    "skip.withdrawn": "order.withdrawn",
    "skip.deleted": "order.withdrawn",
}
ENTRY_ENDED, ENTRY_CHANGED, ENTRY_UNDONE = "entry.ended", "entry.changed", "entry.undone"
ON_HOLD = {"hold": True, "release": False}  # of an entry: as its reversal is, so that somebody releases both
CHANGES = ("order.changed", "order.changed_there")
LATE = ("order.changed_late", "order.gone_there")
ENDINGS = ("order.lost", "order.reopened", "order.withdrawn")
Followed = tuple[ReadRecord, Change]


def is_followed(work: Work, kind: str, record: ReadRecord, bound: Bound, rules: Rules) -> bool:
    """Whether a record that was sent before is to be looked at again."""
    if rules.comparing is None or bound.fingerprint == PARTIAL:
        return False
    after = work.kind.after(kind, work.settings)
    if isinstance(record, Omitted):
        return record.code in LOSSES and after.loss is not AfterLoss.IGNORE and bound.fingerprint != GONE
    if not isinstance(record, SourceRecord):
        return False
    is_back = bound.fingerprint == GONE
    return is_back or (after.change is not AfterChange.IGNORE and not is_as_sent(record, bound, rules))


def follow(work: Work, kind: str, records: Sequence[ReadRecord], bound: Mapping[str, Bound]) -> list[Followed]:
    """Plan records that `is_followed` picked. Raises FlowError, Interrupted."""
    if not records:
        return []
    rulings.load(work, kind, [record.key for record in records])
    left = [one for record in records if (one := _left(work, kind, record)) is not None]
    settled = {record.key for record, _change in left}
    ended = [one for one in records if isinstance(one, Omitted) and one.key not in settled]
    changed = [one for one in records if isinstance(one, SourceRecord) and one.key not in settled]
    resolved = work.kind.resolve_again(work, kind, changed) if changed else []
    unresolved: list[Followed] = [(one.record, _not_resolved(one)) for one in resolved if one.code]
    ready = with_look_ups(work, kind, [one.record for one in resolved if not one.code])
    looked: list[ReadRecord] = [*ended, *ready]
    target = work.target(kind)
    with work.live():
        answers = work.target_side.api.settle(target.standing, [bound[record.key].target_id for record in looked])
    decide = partial(_decide, work, kind)
    decided = [
        (record, decide(record, bound[record.key], answer)) for record, answer in zip(looked, answers, strict=True)
    ]
    return [*left, *unresolved, *decided]


def _left(work: Work, kind: str, record: ReadRecord) -> Followed | None:
    """Return the skip of a record that a person wants left as it is, in this version."""
    ended = (*ENDINGS, "order.lost_late", ENTRY_ENDED)
    codes = ended if isinstance(record, Omitted) else (*CHANGES, *LATE, ENTRY_CHANGED, ENTRY_UNDONE)
    for code in codes:
        found = rulings.find(work, record.key, code, mark=_mark(work, kind, record))
        if found is not None and found.answer == Answer.LEAVE:
            params = {"who": str(found.user or "")}
            return record, Change(Action.SKIP, record.key, record.natural_key, code="skip.left", params=params)
    return None


def _mark(work: Work, kind: str, record: ReadRecord) -> str:
    """Return what a ruling is tied to: the reason why it ended, or the version it has now."""
    return mark_of(record, work.rules(kind)) if isinstance(record, SourceRecord) else getattr(record, "code", "")


def _not_resolved(one: Resolved) -> Change:
    action = Action.SKIP if one.is_skip else Action.HOLD
    record, params = one.record, dict(one.params)
    return Change(action, record.key, record.natural_key, code=one.code, params=params, retry_at=one.retry_at)


def _decide(work: Work, kind: str, record: ReadRecord, bound: Bound, answer: Standing | ApicenterError) -> Change:
    if isinstance(answer, ApicenterError):
        return _not_seen(record, answer)
    if isinstance(record, SourceRecord):
        return _decide_change(work, kind, record, bound, answer)
    assert isinstance(record, Omitted)
    return _decide_ending(work, record, bound, answer)


def _not_seen(record: ReadRecord, error: ApicenterError) -> Change:
    """The document could not be looked at. A system that is down, or asks to wait, interrupts the slice as always."""
    if not isinstance(error, RecordError):
        raise error
    return Change(Action.HOLD, record.key, record.natural_key, code=error.code, params=error.params, field=error.field)


def _decide_ending(work: Work, record: Omitted, bound: Bound, standing: Standing) -> Change:
    after = work.kind.after(work.kind.key, work.settings)
    cause, params = LOSSES[record.code], _params(work, bound, standing, record.code)
    if standing.is_booked and not standing.is_gone:
        return _undo(work, record, bound, standing, ENTRY_ENDED, params)
    ruled = rulings.find(work, record.key, cause, mark=record.code)
    is_wanted = after.loss is AfterLoss.CANCEL or (ruled is not None and ruled.answer == Answer.CANCEL)
    if not is_wanted and not standing.is_gone:
        return _ask(record, bound, cause, params)
    if not standing.may_cancel and not standing.is_gone:
        return _ask(record, bound, "order.lost_late", params)
    return _cancelling(record, bound, standing)


def _cancelling(record: ReadRecord, bound: Bound, standing: Standing, *, goes_on: bool = False) -> Change:
    return Change(
        Action.CANCEL,
        record.key,
        record.natural_key,
        target_id=bound.target_id,
        fingerprint=GONE,
        previous=bound.hashes,
        standing=standing,
        goes_on=goes_on,
    )


def _undo(
    work: Work,
    record: ReadRecord,
    bound: Bound,
    standing: Standing,
    code: str,
    params: Mapping[str, str],
    told: JSONDict | None = None,
) -> Change:
    """Nothing is booked back unasked: a person says so for each entry, in this version of its record."""
    ruled = rulings.find(work, record.key, code, mark=params["mark"])
    if ruled is not None and ruled.answer in (Answer.CANCEL, Answer.REBOOK):
        return _cancelling(record, bound, standing, goes_on=isinstance(record, SourceRecord))
    return _ask(record, bound, code, params, told=told)


def _anew(work: Work, kind: str, record: SourceRecord, bound: Bound, mark: str) -> Change:
    """Book what an entry that was reversed came from as another one, on hold, with a reference that no entry has yet.

    The reference follows from the entry it succeeds: one that was made and not answered is found by it.
    """
    rules, reference = work.rules(kind), work.reference(kind, f"{record.key}|{bound.target_id}")
    (resolved,) = work.kind.resolve(work, kind, [record])
    if resolved.code:
        return _not_resolved(resolved)
    (named,) = with_look_ups(work, kind, [with_resolved(resolved.record, reference=reference, **ON_HOLD)])
    assert isinstance(named, SourceRecord)
    try:
        built = build(rules.compiled, named, tables=rules.tables, kind="create")
    except RecordError as error:
        return hold(record, error)
    return Change(
        Action.CREATE,
        record.key,
        record.natural_key,
        payload=built.payload,
        fingerprint=mark,
        hashes=all_hashes(built, rules),
        built=built,
        reference=reference,
        note="entry.corrected",
        note_params={"entry": bound.number},
    )


def _decide_change(work: Work, kind: str, record: SourceRecord, bound: Bound, standing: Standing) -> Change:
    rules, mark = work.rules(kind), _mark(work, kind, record)
    assert rules.comparing is not None
    params = _params(work, bound, standing, mark)
    if standing.is_gone and standing.is_booked:
        ruled = [rulings.find(work, record.key, code, mark=mark) for code in (ENTRY_CHANGED, ENTRY_UNDONE)]
        is_wanted = any(one is not None and one.answer == Answer.REBOOK for one in ruled)
        return _anew(work, kind, record, bound, mark) if is_wanted else _ask(record, bound, ENTRY_UNDONE, params)
    if standing.is_gone:
        return _ask(record, bound, "order.gone_there", params)
    try:
        built = build(rules.compiled, record, tables=rules.tables, kind="create")
    except RecordError as error:
        return hold(record, error)
    found = compare(standing, built.payload, rules.comparing, bound.hashes)
    told = {"differences": [asdict(one) for one in found.differences]}
    if standing.is_booked and found.differences:
        return _undo(work, record, bound, standing, ENTRY_CHANGED, params, told)
    code = _objection(work, record, found, standing, mark)
    if code:
        return _ask(record, bound, code, params, told=told)
    return _update(record, bound, standing, found, built, rules, mark)


def _objection(work: Work, record: SourceRecord, found: Comparison, standing: Standing, mark: str) -> str:
    """Return why the change is not sent: nobody may, or a person has not said so yet. "" if it is, or nothing is."""
    if not found.differences:
        return ""
    if not standing.may_change or found.is_fixed:
        return "order.changed_late"
    ruled = [rulings.find(work, record.key, code, mark=mark) for code in CHANGES]
    if any(one is not None and one.answer == Answer.SEND for one in ruled):
        return ""
    if found.is_touched:
        return "order.changed_there"
    after = work.kind.after(work.kind.key, work.settings)
    return "" if after.change is AfterChange.UPDATE else "order.changed"


def _update(
    record: SourceRecord,
    bound: Bound,
    standing: Standing,
    found: Comparison,
    built: Built,
    rules: Rules,
    mark: str,
) -> Change:
    return Change(
        Action.UPDATE,
        record.key,
        record.natural_key,
        payload=built.payload,
        target_id=bound.target_id,
        fingerprint=mark,
        hashes=all_hashes(built, rules),
        standing=standing,
        revision=found.revision,
        told={"differences": [asdict(one) for one in found.differences]},
    )


def _params(work: Work, bound: Bound, standing: Standing, mark: str) -> dict[str, str]:
    return {"order": bound.number, "system": work.system, "status": standing.status, "mark": mark}


def _ask(
    record: ReadRecord, bound: Bound, code: str, params: Mapping[str, str], *, told: JSONDict | None = None
) -> Change:
    return Change(
        Action.HOLD,
        record.key,
        record.natural_key,
        target_id=bound.target_id,
        code=code,
        params=params,
        told=told or {},
    )
