"""What a row of the log keeps: what came, as it came; what was sent and answered, without secrets."""

from __future__ import annotations

import pytest

from apicenter.blotting import REDACTED
from flows.models import Flow, Run, RunRecord
from flows.services import start_run
from tests.flows.memory import make_row
from tests.flows.shelf import Shelf, work_until_idle

pytestmark = pytest.mark.django_db
SECRET = "Bearer planted.token-in-a-name"


def test_what_was_sent_is_kept_without_secrets_and_sent_with_them(shelf_flow: Flow, shelf: Shelf):
    shelf.rows = [make_row("A", name=SECRET)]

    start_run(shelf_flow, Run.Trigger.MANUAL)
    work_until_idle()

    row = RunRecord.objects.get()
    assert row.state == RunRecord.State.CREATED
    assert SECRET in str(shelf.things)
    assert SECRET not in str(row.read_exchange())
    assert f"Bearer {REDACTED}" in str(row.read_exchange())
    assert row.read_source()["name"] == SECRET
