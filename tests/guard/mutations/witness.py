"""A plugin of pytest that writes down how each test ended: a failed assertion is told apart from anything else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "MUTATION_REPORT"  # where to write: a line of JSON for each test or file that did not simply pass


def pytest_configure(config: pytest.Config) -> None:
    """One example that fails is enough: the smallest one is looked for in vain."""
    if any("hypothesis" in Path(test.partition("::")[0]).read_text() for test in config.args):
        from hypothesis import Phase, settings  # costs a quarter of a second

        settings.register_profile("mutated", phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutated")


def _note(about: dict[str, Any]) -> None:
    with Path(os.environ[VARIABLE]).open("a") as file:
        file.write(json.dumps(about) + "\n")


def _first(error: BaseException) -> BaseException:
    """Of several failures that hypothesis found, the one that is no assertion, if there is any."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [_first(one) for one in error.exceptions]
    return next((one for one in leaves if not isinstance(one, AssertionError)), leaves[0])


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _note({"test": report.nodeid, "when": "collect", "kind": "", "text": str(report.longrepr)[-400:]})


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    if call.excinfo is not None:
        error = _first(call.excinfo.value)
        _note({"test": item.nodeid, "when": call.when, "kind": type(error).__name__, "text": str(error)[:400]})
    elif call.when == "call":
        _note({"test": item.nodeid, "when": "call", "kind": "passed", "text": ""})
