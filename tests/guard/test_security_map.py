"""docs/security.md names a test and a mutation for every line: each exists, and each mutation still fits the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.guard.mutations.mutation import DoesNotApply, Edit, Mutation
from tests.guard.mutations.registry import MUTATIONS, SHORT
from tests.guard.mutations.workshop import Ending

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {one.name: one for one in MUTATIONS}
HEAD = {"line", "---"}


def lines() -> list[list[str]]:
    """Return the cells of every line of the map: line, protection, test, names of mutations."""
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "docs/security.md").read_text(), re.M)
    cells = [row.split(" | ") for row in rows]
    return [row for row in cells if row[0] not in HEAD]


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", cell)


def test_every_test_that_is_named_exists():
    named = [cells[2].split("::") for cells in lines()] + [one.test_function.split("::") for one in MUTATIONS]
    tests = {
        path: {node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)}
        for path in {path for path, _name in named}
    }

    assert len(lines()) > 100
    assert [f"{path}::{name}" for path, name in named if name not in tests[path]] == []


def test_every_line_names_what_breaks_it_and_every_mutation_has_a_line():
    named = [name for cells in lines() for name in names_in(cells[3])]

    assert [cells[0] for cells in lines() if len(cells) != 4 or not names_in(cells[3])] == []
    assert sorted(named) == sorted(one.name for one in MUTATIONS)
    for cells in lines():
        assert {BY_NAME[name].test_function for name in names_in(cells[3])} == {cells[2]}, cells[0]
    assert set(BY_NAME) >= SHORT
    assert len(SHORT) == 10


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_every_mutation_still_fits_the_source(mutation: Mutation):
    """Otherwise the protection has moved: change the mutation with it, and see `make mutations --only` it again."""
    for file, text in mutation.changed(ROOT).items():
        assert text != (ROOT / file).read_text()
        if file.endswith(".py"):
            compile(text, file, "exec")


def test_a_mutation_fits_where_its_words_stand_once():
    edit = Edit("f.py", "if is_wall:", "if True:")

    assert edit.of("a\nif is_wall:\n") == "a\nif True:\n"
    for text in ("", "if is_wall:\nif is_wall:\n"):
        with pytest.raises(DoesNotApply):
            edit.of(text)


@pytest.mark.parametrize(
    ("when", "kind", "text", "raises", "has_noticed"),
    [
        ("call", "AssertionError", "assert 1 == 2", "", True),
        ("call", "Failed", "DID NOT RAISE", "", True),
        ("call", "NameError", "no such name", "", False),  # the mutation is broken, not the protection
        ("call", "NameError", "no such name", "NameError", True),
        ("call", "Failed", "Timeout (>300.0s) from pytest-timeout.", "", False),
        ("call", "passed", "", "", False),
        ("setup", "AssertionError", "", "", False),
        ("collect", "", "cannot import", "", False),
    ],
)
def test_only_a_failed_assertion_of_the_test_itself_counts(
    when: str, kind: str, text: str, raises: str, has_noticed: bool
):
    assert Ending("t", when, kind, text).is_failure(raises) == has_noticed
