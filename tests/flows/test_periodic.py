"""Work by the clock: one entry that fails leaves the others alone."""

from __future__ import annotations

import logging

import pytest
from django.db import DatabaseError

from flows.running.periodic import PERIODIC, Periodic, run_periodic


def fail_with(error: Exception) -> Periodic:
    def work() -> None:
        raise error

    return Periodic("failing", 60, work)


def test_a_failure_is_logged_and_forgotten(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        run_periodic(fail_with(ValueError("no")))

    assert "periodic work failing failed" in caplog.text


def test_a_lost_database_is_the_callers_business():
    with pytest.raises(DatabaseError):
        run_periodic(fail_with(DatabaseError()))


def test_names_are_unique():
    assert len({entry.name for entry in PERIODIC}) == len(PERIODIC)
