"""Rows saved by one statement that runs once per row."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from flows.engine.bulk import insert_each, update_each
from flows.models import Binding, Flow, RunRecord
from tests.flows.memory import make_run

pytestmark = pytest.mark.django_db


def make_records(flow: Flow, *keys: str) -> list[RunRecord]:
    run, later = make_run(flow), timezone.now() + timedelta(days=7)
    common = {"flow": flow, "run": run, "kind": "products", "state": "waiting", "expires_at": later}
    return [RunRecord(source_key=key, source=key.encode(), params={"key": key}, **common) for key in keys]


def make_binding(flow: Flow, key: str, **values: object) -> Binding:
    ends = {"from_connection": flow.source, "to_connection": flow.target, "kind": "products"}
    return Binding(**{**ends, "source_key": key, "target_id": f"T-{key}", **values})


def test_inserts_rows_as_they_are(flow: Flow):
    rows = make_records(flow, "A", "B")

    insert_each(rows)

    stored = RunRecord.objects.order_by("source_key")
    assert [(row.source_key, bytes(row.source), row.params) for row in stored] == [
        ("A", b"A", {"key": "A"}),
        ("B", b"B", {"key": "B"}),
    ]
    assert stored[0].expires_at == rows[0].expires_at


def test_values_that_only_compare_equal_stay_what_they_are(flow: Flow):
    rows = make_records(flow, "A", "B", "C")
    for row, params, amount in zip(rows, [{"n": 1}, {"n": True}, {"n": 1.0}], ["1.5", "1.50", None], strict=True):
        row.params, row.amount = params, amount and Decimal(amount)

    insert_each(rows)

    stored = RunRecord.objects.order_by("source_key")
    assert [json.dumps(row.params) for row in stored] == ['{"n": 1}', '{"n": true}', '{"n": 1.0}']
    assert [row.amount for row in stored] == [Decimal("1.5"), Decimal("1.5"), None]


def test_a_second_row_of_the_same_record_is_refused(flow: Flow):
    rows = make_records(flow, "A", "A")

    with pytest.raises(IntegrityError):
        insert_each(rows)


def test_inserts_or_brings_up_to_date(flow: Flow):
    insert_each([make_binding(flow, "A", fingerprint="old", number="kept")])
    rows = [make_binding(flow, "A", fingerprint="new", number="ignored"), make_binding(flow, "B")]

    insert_each(
        rows, unique=("from_connection", "to_connection", "kind", "source_key"), updates=("fingerprint", "hashes")
    )

    stored = Binding.objects.order_by("source_key").values_list("source_key", "fingerprint", "number")
    assert list(stored) == [("A", "new", "kept"), ("B", "", "")]


def test_updates_each_row_with_its_own_values(flow: Flow):
    rows = make_records(flow, "A", "B")
    insert_each(rows)
    for row in rows:
        row.code, row.params, row.exchange, row.label = f"code.{row.source_key}", {}, b"sealed", "not named"

    update_each(rows, ["code", "params", "exchange"])

    stored = RunRecord.objects.order_by("source_key")
    assert [(row.code, row.params, bytes(row.exchange), row.label) for row in stored] == [
        ("code.A", {}, b"sealed", ""),
        ("code.B", {}, b"sealed", ""),
    ]


def test_never_updates_a_row_of_another_organization(flow: Flow):
    (row,) = make_records(flow, "A")
    insert_each([row])
    row.organization_id, row.code = uuid4(), "forged"

    update_each([row], ["code"])

    assert RunRecord.objects.get().code == ""
