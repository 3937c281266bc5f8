"""The rows of "only if" of a field: how the panel shows them, and how an edit of one is read. No database here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.base import FieldInfo, SourceRecord
from connectors.maps import Case, FieldMap
from dashboard.flow.filter_builder import Builder, Group, Join, Row, builder_of, check, with_fields
from dashboard.flow.filter_words import WORDS
from dashboard.mapping.refusal import EditRefused
from dashboard.mapping.words import source_path_title, value_words
from flows.maps.cases import condition_of, fitting
from flows.maps.conditions import NEEDS_LIST, Op, describe, parse_condition

MOST_CASES = 20
MOST_RULES = 5
LONGEST = 200
NEW = "new"
BETWEEN = re.compile(r"[\n,;]+")
Fields = Mapping[str, FieldInfo]  # a field of the source as a map of this list names it


@dataclass(frozen=True, slots=True)
class CaseForm:
    """One row, and the boxes to change it. `index` is "new" for the empty one at the end."""

    index: str
    words: str
    result: str
    join: Join
    rows: tuple[Row, ...]
    gives: str  # constant | source | nothing
    constant: str
    source: str
    is_complex: bool = False  # nested deeper than the boxes show: only what it gives can be changed here
    fits: bool | None = None
    counts: bool = False  # the first that fits the record that is looked at
    is_first: bool = True
    is_last: bool = True
    error: str = ""

    @property
    def is_new(self) -> bool:
        return self.index == NEW

    @property
    def operators(self) -> list[tuple[str, str]]:
        """All comparisons, for a row whose field is not chosen yet."""
        return [(op.value, str(words)) for op, words in WORDS.items()]


def case_forms(
    field: FieldMap,
    fields: Fields,
    sample: SourceRecord | None,
    *,
    in_list: str,
    failed: str = "",
    error: str = "",
    posted: QueryDict | None = None,
) -> tuple[CaseForm, ...]:
    """Return the rows of a field with an empty one behind them; one that was refused is as it was sent."""
    fits = fitting(field.cases, sample, in_list=in_list) if sample else (None,) * len(field.cases)
    first = fits.index(True) if True in fits else -1
    last = len(field.cases) - 1
    forms = [
        replace(_form(at, case, fields), fits=fits[at], counts=at == first, is_first=at == 0, is_last=at == last)
        for at, case in enumerate(field.cases)
    ]
    empty = CaseForm(NEW, "", "", "and", _with_empty((), fields), "constant", "", "")
    return tuple(
        _as_sent(form, posted, fields, error) if failed == f"case-{form.index}" and posted is not None else form
        for form in (*forms, empty)
    )


def case_words(case: Case, fields: Fields) -> tuple[str, str]:
    """Return what a row asks for and what it gives."""
    try:
        words = describe(condition_of(case), name=lambda path: str(fields[path].title) if path in fields else "")
    except MappingError as error:
        words = str(error)
    if case.source:
        parts = [part.strip() for part in case.source.split("|")]
        return words, " + ".join(str(fields[one].title) if one in fields else source_path_title(one) for one in parts)
    return words, _("leave the field out") if case.constant is None else value_words(case.constant)


def read_case(field: FieldMap, data: QueryDict, fields: Fields, constant: Any) -> FieldMap:
    """Return the field with a row added or changed. `constant` reads a fixed value. Raises EditRefused."""
    index = data.get("index", NEW)
    present = None if index == NEW else field.cases[_place_of(field, index)]
    if present is None and len(field.cases) >= MOST_CASES:
        raise EditRefused(_("A field has at most %(count)s rows.") % {"count": MOST_CASES}, f"case-{NEW}")
    where = f"case-{index}"
    when = _when(data, fields, where) if "if-0-field" in data or present is None else present.when
    gives = data.get("gives", "constant")
    if gives == "source" and not data.get("source", "").strip():
        raise EditRefused(_("Choose a source first."), where)
    if gives == "constant" and not data.get("constant", "").strip():
        raise EditRefused(_("Fill in the value."), where)
    case = Case(
        when=when,
        source=data.get("source", "").strip()[:LONGEST] if gives == "source" else "",
        constant=constant(data.get("constant", "").strip(), where) if gives == "constant" else None,
    )
    cases = list(field.cases)
    at = len(cases) if present is None else int(index)
    cases[at : at + 1] = [case]
    return field.model_copy(update={"cases": tuple(cases)})


def remove_case(field: FieldMap, data: QueryDict) -> FieldMap:
    """Return the field without a row. Raises EditRefused."""
    at = _place_of(field, data.get("index", ""))
    return field.model_copy(update={"cases": field.cases[:at] + field.cases[at + 1 :]})


def move_case(field: FieldMap, data: QueryDict) -> FieldMap:
    """Return the field with a row one place up or down. Raises EditRefused."""
    at = _place_of(field, data.get("index", ""))
    to = at + (-1 if data.get("to") == "up" else 1)
    cases = list(field.cases)
    if 0 <= to < len(cases):
        cases[at], cases[to] = cases[to], cases[at]
    return field.model_copy(update={"cases": tuple(cases)})


def _place_of(field: FieldMap, index: str) -> int:
    if not index.isdecimal() or len(index) > 3 or int(index) >= len(field.cases):
        raise EditRefused(_("The rows changed in the meantime."))
    return int(index)


def _when(data: QueryDict, fields: Fields, where: str) -> dict[str, Any]:
    join: Join = "or" if data.get("join") == "or" else "and"
    checked = check(_known(_sent_rows(data), join, fields))
    wrong = [row.error for group in checked.builder.groups for row in group.rows if row.error]
    if wrong:
        raise EditRefused(wrong[0], where)
    if checked.condition is None or not checked.condition.rule_count:
        raise EditRefused(_("Choose the field to compare."), where)
    return checked.condition.model_dump(mode="json")


def _sent_rows(data: QueryDict) -> tuple[Row, ...]:
    return tuple(_sent_row(data, f"if-{at}") for at in range(MOST_RULES) if f"if-{at}-field" in data)


def _sent_row(data: QueryDict, prefix: str) -> Row:
    op = data.get(f"{prefix}-op", "")
    op = op if op in list(Op) else Op.EQ.value
    text = data.get(f"{prefix}-value", "").replace("\0", "")
    parts = BETWEEN.split(text) if op in NEEDS_LIST else [text]
    values = tuple(one.strip()[:LONGEST] for one in parts if one.strip())
    return Row(data.get(f"{prefix}-field", "").replace("\0", "")[:LONGEST], op, values)


def _known(rows: tuple[Row, ...], join: Join, fields: Fields) -> Builder:
    return with_fields(Builder(groups=(Group(join, rows or (Row(),)),)), fields, lambda info: ())


def _with_empty(rows: tuple[Row, ...], fields: Fields, join: Join = "and") -> tuple[Row, ...]:
    kept = tuple(row for row in rows if row.field)[:MOST_RULES]
    return _known((*kept, Row())[:MOST_RULES], join, fields).groups[0].rows


def _form(at: int, case: Case, fields: Fields) -> CaseForm:
    words, result = case_words(case, fields)
    builder = _builder(case)
    groups = builder.groups if builder else ()
    is_complex = len(groups) != 1
    constant = case.constant
    return CaseForm(
        index=str(at),
        words=words,
        result=result,
        join="and" if is_complex else groups[0].join,
        rows=() if is_complex else _with_empty(groups[0].rows, fields),
        gives="source" if case.source else "nothing" if constant is None else "constant",
        constant=""
        if constant is None
        else constant
        if isinstance(constant, str)
        else json.dumps(constant, default=str),
        source=case.source,
        is_complex=is_complex,
    )


def _builder(case: Case) -> Builder | None:
    try:
        return builder_of(parse_condition(case.when))
    except MappingError:
        return None


def _as_sent(form: CaseForm, data: QueryDict, fields: Fields, error: str) -> CaseForm:
    rows = form.rows if form.is_complex else _with_empty(_sent_rows(data), fields)
    return replace(
        form,
        rows=rows,
        join="or" if data.get("join") == "or" else "and",
        gives=data.get("gives", form.gives),
        constant=data.get("constant", ""),
        source=data.get("source", ""),
        error=error,
    )
