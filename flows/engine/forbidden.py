"""Writes that the other side forbids: of one record, or because a right of the connection is gone."""

from __future__ import annotations

from collections.abc import Sequence

from apicenter.errors import ApicenterError, PermissionMissing, RecordError
from connectors.base import Written
from flows.engine.work import Work


def held_alone(work: Work, kind: str, results: Sequence[Written | ApicenterError]) -> list[Written | ApicenterError]:
    """Return the results with a refusal in place of each missing right, if others of their kind were written just now:
    then it is the record. With none written, the right is missing, and stays."""
    if any(isinstance(one, Written) and one.answer != "kept" for one in results):
        work.written.add(kind)
    if kind not in work.written:
        return list(results)
    return [_refusal(work, one) if isinstance(one, PermissionMissing) else one for one in results]


def _refusal(work: Work, error: PermissionMissing) -> RecordError:
    return RecordError("write.forbidden", detail=error.detail, system=work.system)
