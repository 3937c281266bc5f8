"""The client session of the documentation, run as it stands there, against the sandbox pair."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from flows.demo.company import prepare_demo
from flows.models import Flow, RunRecord
from flows.running.dispatcher import Dispatcher
from tests.dashboard.api_client import Program
from tests.dashboard.setup_site import served_site
from tests.factories import inside

CLIENT = settings.BASE_DIR / "docs" / "api_client.py"


@pytest.mark.django_db(transaction=True)
def test_the_session_in_the_documentation_works(
    tmp_path: Path, env: Callable[..., None], capsys: pytest.CaptureFixture[str]
):
    session: dict[str, Any] = runpy.run_path(str(CLIENT))
    with served_site(tmp_path, env) as address:
        organization = prepare_demo(say=lambda text: None)
        with inside(organization):
            Flow.objects.exclude(kind="orders").update(state=Flow.State.PAUSED)
        program = Program(organization)
        with Dispatcher(2):
            assert session["main"](address, program.text) == 0
        with inside(organization):
            held = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).count()

    said = capsys.readouterr().out
    assert "orders: 47 read" in said
    assert held
    assert f"{held} need you" in said or " × " in said
