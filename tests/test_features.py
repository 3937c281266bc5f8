"""docs/features.md names only what exists: pages, settings, value tables, functions and tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from django.urls import get_resolver

from connectors.registry import connector_class
from flows.catalog.registry import FLOW_KINDS
from flows.running.behaviour import Behaviour
from flows.transforms import TRANSFORMS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "features.md"
CODE = re.compile(r"`([^`]+)`")
SETTING = re.compile(r"`([a-z_]+)([.:])([a-z_]+)`")
COLUMNS, PAGE_COLUMNS = 6, 2
STEPS = "the map (`steps`)"


@cache
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the cells of every line of a table but its head."""
    for line in document().splitlines():
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        if line.startswith("|") and len(cells) == COLUMNS and cells[0] not in ("phrase", "---"):
            yield cells


ROWS = list(rows())
PAGES = dict(re.findall(r"^\| ([A-Z][\w ]+) \| `(\w+)` \|$", document(), re.MULTILINE))


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@cache
def page_names() -> frozenset[str]:
    namespace = get_resolver().namespace_dict["dashboard"][1]
    return frozenset(name for name in namespace.reverse_dict if isinstance(name, str))


def is_setting(kind: str, name: str) -> bool:
    if kind == "behaviour":
        return name in {one.name for one in fields(Behaviour)}
    if kind == "connection":
        return name in {one.name for one in connector_class("visma_net").form}
    return name in FLOW_KINDS[kind].settings_model.model_fields


def test_every_line_has_all_its_columns():
    widths = {line.count("|") - 1 for line in document().splitlines() if line.startswith("|")}

    assert widths == {COLUMNS, PAGE_COLUMNS}
    assert len(ROWS) > 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_what_a_line_names_exists(row: tuple[str, ...]):
    phrase, what, page, setting, test, _calls = row

    assert page, phrase
    assert set(page.split(", ")) <= PAGES.keys(), phrase
    for kind, sign, name in SETTING.findall(setting):
        known = is_setting(kind, name) if sign == "." else name in {one.name for one in FLOW_KINDS[kind].tables}
        assert known, f"{phrase}: {kind}{sign}{name}"
    if setting == STEPS:
        assert set(CODE.findall(what)) <= TRANSFORMS.keys(), phrase
    named = CODE.findall(test)
    assert named or "not built" in what, phrase
    for path, _sign, name in (one.partition("::") for one in named):
        assert name in functions_of(path), f"{phrase}: {path}::{name}"


@pytest.mark.parametrize("name", sorted(PAGES.values()))
def test_every_page_has_an_address(name: str):
    assert name in page_names()
