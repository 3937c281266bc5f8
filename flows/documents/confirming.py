"""What a document came to once it was made: read back from the target, compared, and shown to a person if it differs.

The document stands and is paired, so nothing is ever sent a second time for it: the record only waits until its totals
were seen, and a difference until somebody accepts it or puts it right there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apicenter.errors import ApicenterError, FlowError, NotFound, RateLimited, RecordError
from connectors.base import ReadRecord, SourceRecord, Target, Written
from connectors.core import Totals
from connectors.currencies import decimals_of
from flows.documents.totals import Expected, compare, percent_text, told_by_rate
from flows.engine import rulings
from flows.engine.made import CONFIRMS
from flows.engine.partial import backoff
from flows.engine.plan import Action, Bound, Change
from flows.engine.rulings import Answer
from flows.engine.store import Outcome
from flows.engine.work import Work
from flows.models import RunRecord

DIFFERS, RATES_DIFFER = "totals.differ_after", "totals.rates_differ_after"
UNSEEN = "totals.unseen"
ACCEPTED = "totals.accepted"
State = RunRecord.State


def expected(work: Work, kind: str, record: ReadRecord) -> Expected | None:
    """Return what a document has to come to, if that is to be looked at once it is made."""
    if not isinstance(record, SourceRecord) or not work.target(kind).tells_totals:
        return None
    return work.kind.expects(kind, record, work.settings)


def with_totals(target: Target, written: Written) -> Written:
    """Add what the document came to there; runs in a pool thread. A failure is kept: the document stands anyway."""
    if written.missing or isinstance(written.totals, Totals):
        return written
    try:
        return replace(written, totals=target.totals_of(written.id))
    except ApicenterError as error:
        return replace(written, totals=error)


def confirmed(work: Work, done: Outcome, written: Written, wanted: Expected | None) -> Outcome:
    """Return how the record goes on once it was seen what its document came to."""
    if wanted is None or written.totals is None or done.state not in {State.CREATED, State.UPDATED}:
        return done
    number = written.number or done.change.natural_key
    params = {"system": work.system, "number": number, CONFIRMS: done.state}
    if isinstance(written.totals, Totals):
        code, difference = _difference(wanted, written.totals)
        if code:
            done.state, done.code, done.params = State.NEEDS_YOU, code, {**params, **difference}
            done.is_made = True
        return done
    error = written.totals
    done.is_made, done.state, done.code, done.params = True, State.WAITING, UNSEEN, params
    done.next_at = timezone.now() + backoff(done.row.attempts)
    if isinstance(error, RateLimited):
        done.code, done.params, done.counts_attempt = error.code, {**params, **error.params}, False
        done.next_at = error.retry_at or timezone.now() + timedelta(seconds=settings.ENV.RETRY_BASE_SECONDS)
    elif isinstance(error, FlowError):
        done.code, done.params = error.code, {**params, **error.params}
    return done


def note_unconfirmed(work: Work, rows: Iterable[RunRecord]) -> None:
    """Remember which of these records have a document whose totals were not seen, or differed."""
    work.unconfirmed.update({row.source_key: row.params[CONFIRMS] for row in rows if CONFIRMS in row.params})


def is_unconfirmed(work: Work, kind: str, record: SourceRecord) -> bool:
    """Whether the document of a record that was sent before is still to be compared."""
    return record.key in work.unconfirmed and work.target(kind).tells_totals


def confirm_again(
    work: Work, kind: str, records: Sequence[SourceRecord], bound: Mapping[str, Bound]
) -> list[tuple[SourceRecord, Change]]:
    """Look again at what documents came to that were made before. Raises RetryableError, FlowError."""
    if not records:
        return []
    rulings.load(work, kind, [record.key for record in records])
    target = work.target(kind)
    with work.live():
        answers = work.target_side.api.settle(target.totals_of, [bound[record.key].target_id for record in records])
    return [
        (record, _decide(work, kind, record, bound[record.key], answer))
        for record, answer in zip(records, answers, strict=True)
    ]


def _decide(
    work: Work, kind: str, record: SourceRecord, bound: Bound, answer: Totals | ApicenterError | None
) -> Change:
    kept = {CONFIRMS: work.unconfirmed[record.key]}
    if isinstance(answer, NotFound):
        return _ask(record, bound, "drift.target_gone", {"system": work.system, "what": bound.number})
    if isinstance(answer, RecordError):
        return _ask(record, bound, answer.code, {**answer.params, **kept})
    if isinstance(answer, ApicenterError):
        raise answer
    wanted = expected(work, kind, record)
    code, difference = _difference(wanted, answer) if wanted and answer else ("", {})
    if not code:
        return Change(Action.UNCHANGED, record.key, record.natural_key, target_id=bound.target_id)
    ruled = rulings.find(work, record.key, code, mark=difference["mark"])
    if ruled is not None and ruled.answer == Answer.LEAVE:
        params = {**difference, "who": str(ruled.user or "")}
        key, name = record.key, record.natural_key
        return Change(Action.UNCHANGED, key, name, target_id=bound.target_id, code=ACCEPTED, params=params)
    return _ask(record, bound, code, {"system": work.system, "number": bound.number, **difference, **kept})


def _ask(record: SourceRecord, bound: Bound, code: str, params: Mapping[str, Any]) -> Change:
    key, name = record.key, record.natural_key
    return Change(Action.HOLD, key, name, target_id=bound.target_id, code=code, params=params)


def _difference(wanted: Expected, booked: Totals) -> tuple[str, dict[str, Any]]:
    """Return the cause, and both totals as its sentence and the table beside it name them, with the mark an answer is
    tied to; ("", {}) if they agree. VAT rates are compared where the target's answer has them."""
    source = wanted.totals if booked.taxes else wanted.totals.model_copy(update={"taxes": ()})
    difference = compare(source, booked, tolerance=wanted.tolerance)
    if difference is None:
        return "", {}
    digits = decimals_of(wanted.currency)
    found = {
        "source": wanted.totals.including,
        "source_vat": wanted.totals.including - wanted.totals.excluding,
        "target": booked.including,
        "target_vat": booked.including - booked.excluding,
    }
    texts: dict[str, Any] = {name: f"{amount:.{digits}f}" for name, amount in found.items()}
    texts["mark"] = f"{texts['target']}/{texts['target_vat']}"
    if by_rate := told_by_rate(source, booked, currency=wanted.currency):
        texts["by_rate"] = by_rate
    if difference.is_of_document:
        return DIFFERS, texts
    texts["percent"] = ", ".join(dict.fromkeys(percent_text(part.rate) for part in difference.parts))
    return RATES_DIFFER, {**texts, "mark": f"{texts['mark']}/{texts['percent']}"}
