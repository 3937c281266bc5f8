"""Looking values up in the target for the maps that ask: all questions of some records at once, each one once.

A list of the target is read once, and a record is found and read once, whatever is asked of it: what was found is kept
for the run (kept_look_ups.py). The answers travel with the record, so that making its payload calls nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apicenter.errors import ApicenterError, RecordError
from connectors.base import Connector, Existing, Option, ReadRecord, SourceRecord
from connectors.core import JSONDict
from flows.catalog.base import with_resolved
from flows.engine.work import Work
from flows.maps.kept_look_ups import MOST_RECORDS
from flows.maps.mapping import LOOK_UPS, questions
from flows.maps.paths import MISSING, get_path
from flows.maps.sources import written
from flows.transforms.look_up import CODE, ID, NAME, Asked

Answer = dict[str, Any]  # {"value": …}, or {"code": why there is none, "params": {…}}
MOST_NAMED = 5
CONTENT = "content"  # of a record that was read, beside the refusals


def with_look_ups(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
    """Return the records with the answers to what the map of their kind asks of the target.

    Raises RetryableError and FlowError of the target; what is not found is an answer too.
    """
    compiled = work.maps[kind]
    if not compiled.asks:
        return list(records)
    asked = {one.key: questions(compiled, one) for one in records if isinstance(one, SourceRecord)}
    _answer(work, set().union(*asked.values()) - work.answers.keys())

    def answered(record: ReadRecord) -> ReadRecord:
        wanted = asked.get(record.key)
        if not wanted or not isinstance(record, SourceRecord):
            return record
        return with_resolved(record, **{LOOK_UPS: {one.name: work.answers[one] for one in wanted}})

    return [answered(record) for record in records]


def places_of(connector: Connector | type[Connector]) -> list[str]:
    """Return everything that can be looked in: lists by their name, kinds of records as "customers.email"."""
    finders = (f"{kind}.{by}" for kind, target in connector.targets.items() for by in target.finders)
    return [*connector.option_lists, *finders]


def _answer(work: Work, asked: Iterable[Asked]) -> None:
    finds: list[Asked] = []
    for one in asked:
        if "." in one.where:
            finds.append(one)
        else:
            work.answers[one] = _from_list(work, one)
    found = _find(work, finds)
    contents = _read(work, [(one, existing) for one in finds if isinstance(existing := found[_key(one)], Existing)])
    for one in finds:
        existing = found[_key(one)]
        work.answers[one] = _from_record(one, existing, contents) if isinstance(existing, Existing) else existing


def _key(asked: Asked) -> tuple[str, str]:
    return asked.where, asked.key


def _from_list(work: Work, asked: Asked) -> Answer:
    options = work.kept.lists.get(asked.where)
    if options is None:
        options = work.kept.lists[asked.where] = list(work.target_side.options(asked.where))
    key = asked.key.casefold()
    exact = [one for one in options if one.value.casefold() == key]
    fitting = exact or [one for one in options if one.label.strip().casefold() == key]
    if len(fitting) != 1:
        return _none_or_several(work, _key(asked), [one.label for one in fitting])
    return {"value": _field_of_option(fitting[0], asked.give)}


def _field_of_option(option: Option, give: str) -> str | None:
    if give in (CODE, ID):
        return option.value
    return option.label if give == NAME else option.extra.get(give)


def _find(work: Work, asked: Sequence[Asked]) -> dict[tuple[str, str], Existing | Answer]:
    """Return what each key is found as, once whatever is asked of it, or why it is not found."""
    kept = work.kept.records
    found: dict[tuple[str, str], Existing | Answer] = {key: kept[key] for one in asked if (key := _key(one)) in kept}
    unknown = sorted({_key(one) for one in asked} - found.keys())
    answers = work.target_side.api.settle(lambda key: _records(work, *key), unknown)
    for key, answer in zip(unknown, answers, strict=True):
        if isinstance(answer, ApicenterError):
            found[key] = _refusal(answer)
        elif len(answer) != 1:
            found[key] = _none_or_several(work, key, [one.label or one.natural_key or one.id for one in answer])
        else:
            found[key] = answer[0]
            work.kept.note(*key, answer[0])
    return found


def _records(work: Work, where: str, key: str) -> list[Existing]:
    kind, _dot, by = where.partition(".")
    return list({one.id: one for one in work.target_side.target(kind).find(by, key)}.values())


def _read(work: Work, asked: Sequence[tuple[Asked, Existing]]) -> dict[tuple[str, str], JSONDict | Answer]:
    """Return what stands in the records of which more is asked than finding them tells; each is read once."""
    wanted = {(one.where.partition(".")[0], existing.id) for one, existing in asked if not _told(one, existing)}
    contents: dict[tuple[str, str], JSONDict | Answer] = {
        key: work.kept.contents[key] for key in wanted if key in work.kept.contents
    }
    unknown = sorted(wanted - contents.keys())
    answers = work.target_side.api.settle(lambda key: _content(work, *key), unknown)
    for key, answer in zip(unknown, answers, strict=True):
        contents[key] = _refusal(answer) if isinstance(answer, ApicenterError) else {CONTENT: answer}
        if CONTENT in contents[key] and len(work.kept.contents) < MOST_RECORDS:
            work.kept.contents[key] = contents[key]
    return contents


def _content(work: Work, kind: str, target_id: str) -> JSONDict:
    target = work.target_side.target(kind)
    return target.read(target_id) if target.can_read else {}


def _told(asked: Asked, found: Existing) -> str:
    """Return the field if finding the record told it already."""
    known = {ID: found.id, CODE: found.natural_key or found.id, NAME: found.label}
    return known.get(asked.give, "")


def _from_record(asked: Asked, found: Existing, contents: Mapping[tuple[str, str], JSONDict | Answer]) -> Answer:
    if told := _told(asked, found):
        return {"value": told}
    read = contents[asked.where.partition(".")[0], found.id]
    if CONTENT not in read:
        return read
    value = get_path(read[CONTENT], asked.give)
    return {"value": None if value is MISSING else written(value)}


def _refusal(error: ApicenterError) -> Answer:
    """Return a refusal as the answer it is. A system that is down, or asks to wait, is no answer: raises it."""
    if not isinstance(error, RecordError):
        raise error
    return {"code": error.code, "params": dict(error.params)}


def _none_or_several(work: Work, key: tuple[str, str], names: Sequence[str]) -> Answer:
    params = {"value": key[1], "where": key[0], "system": work.system}
    if not names:
        return {"code": "look_up.none", "params": params}
    return {"code": "look_up.several", "params": {**params, "candidates": ", ".join(names[:MOST_NAMED])}}
