"""A throw-away copy of the tree, in which protections are taken away and tests run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guard.mutations.mutation import Mutation
from tests.guard.mutations.witness import VARIABLE

ROOT = Path(__file__).resolve().parents[3]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "var", "staticfiles", "screenshots", "__pycache__", ".*_cache", ".hypothesis"
)
ASSERTIONS = {"AssertionError", "Failed"}  # Failed: what pytest.raises and pytest.fail raise
OPTIONS = ("-q", "--nomigrations", "-p", "no:cacheprovider", "-p", "tests.guard.mutations.witness")


@dataclass(frozen=True, slots=True)
class Ending:
    """How one test ended. `kind` is "passed" or the name of an exception."""

    test: str
    when: str  # collect, setup, call or teardown
    kind: str
    text: str

    def is_failure(self, raises: str = "") -> bool:
        """Whether the test noticed: it failed by itself, not because something could not even start."""
        is_late = self.kind == "Failed" and self.text.startswith("Timeout")
        return self.when == "call" and not is_late and self.kind in ({raises} if raises else ASSERTIONS)


class Workshop:
    """One copy of the tree; one test run at a time."""

    def __init__(self, place: Path) -> None:
        self.root = place
        shutil.copytree(ROOT, place, symlinks=True, ignore=NOT_COPIED)

    def run(self, tests: Sequence[str], env: Mapping[str, str], *options: str) -> list[Ending]:
        """Run tests and return how they ended."""
        report = self.root / "mutation-report"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *OPTIONS, *options, *tests]
        own = {**os.environ, **env, VARIABLE: str(report)}
        done = subprocess.run(command, cwd=self.root, env=own, capture_output=True, text=True, check=False)
        lines = report.read_text().splitlines() if report.exists() else []
        if not lines:
            return [Ending(" ".join(tests), "collect", "", (done.stdout + done.stderr)[-400:])]
        return [Ending(**json.loads(line)) for line in lines]

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        """Take the protection away, and put it back. Raises DoesNotApply."""
        changed = mutation.changed(self.root)
        before = {file: (self.root / file).read_text() for file in changed}
        try:
            self._write(changed)
            yield
        finally:
            self._write(before)

    def _write(self, texts: Mapping[str, str]) -> None:
        for file, text in texts.items():
            path = self.root / file
            path.write_text(text)
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):  # known by second and size only
                compiled.unlink()
