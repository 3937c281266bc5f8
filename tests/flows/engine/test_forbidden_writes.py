"""A write that the other side forbids: of one record while it takes others, or because a right is gone."""

from __future__ import annotations

import pytest

from apicenter.errors import PermissionMissing
from flows.engine.writing import Interrupted
from flows.models import Flow, Intent
from tests.flows.engine.passes import State, pass_over, record, tally
from tests.flows.memory import Memory, make_row

pytestmark = pytest.mark.django_db


def forbid(right: Memory, *codes: str) -> None:
    for code in codes:
        right.fail(code, PermissionMissing(system="Memory", what="products"))


def test_one_record_is_parked_and_the_others_are_written(flow: Flow, left: Memory, right: Memory):
    forbid(right, "B")
    left.rows = [make_row("A"), make_row("B"), make_row("C")]

    run = pass_over(flow, left, right)

    held = record(run, "B")
    assert (held.state, held.code, held.params) == (State.NEEDS_YOU, "write.forbidden", {"system": "Memory"})
    assert tally(run) == {"read": 3, "created": 2, "needs_you": 1}
    assert not Intent.objects.exists()


def test_with_none_written_a_right_is_missing(flow: Flow, left: Memory, right: Memory):
    forbid(right, "A", "B")
    left.rows = [make_row("A"), make_row("B")]

    with pytest.raises(Interrupted) as stopped:
        pass_over(flow, left, right)

    assert stopped.value.error.code == "permission.missing"
