"""What the page of a flow's filter shows: the boxes, and what they do to records that came lately."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from apicenter.errors import ApicenterError
from connectors.base import FieldInfo, SourceRecord
from dashboard.flow.filter_builder import Builder, Checked, Choices, builder_of, check, with_fields
from dashboard.flow.flow_page import readable_filter
from dashboard.log.masking import IMPERSONAL, mask_emails, mask_name
from flows.maps.conditions import Condition, describe
from flows.maps.filters import Hits, recent_records, source_fields, source_options, try_filter
from flows.models import Flow


@dataclass(frozen=True, slots=True)
class Example:
    """A record as the page names it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class FilterPage:
    """The boxes with all that goes with them. `problem` says why the fields or the records cannot be shown."""

    flow: Flow
    checked: Checked | None  # None: nested deeper than the boxes show
    stored: Condition | None
    fields: dict[str, list[FieldInfo]] = field(default_factory=dict)
    hits: Hits | None = None
    problem: str = ""
    hits_problem: str = ""

    @property
    def builder(self) -> Builder:
        return self.checked.builder if self.checked else Builder()

    @property
    def stored_words(self) -> str:
        return describe(self.stored) if self.stored else ""

    @property
    def can_save(self) -> bool:
        return not self.problem

    @property
    def examples(self) -> list[tuple[bool, list[Example]]]:
        """Records that pass and records that do not, a few each."""
        if self.hits is None:
            return []
        kind = self.flow.kind
        return [
            (True, [_example(record, kind) for record in self.hits.passing_examples]),
            (False, [_example(record, kind) for record in self.hits.other_examples]),
        ]


def _example(record: SourceRecord, kind: str) -> Example:
    if kind in IMPERSONAL:
        return Example(record.natural_key or record.key, record.label)
    key = mask_name(record.natural_key) if kind == "customers" else mask_emails(record.natural_key)
    return Example(key or record.key, mask_name(record.label))


def build_filter_page(flow: Flow, builder: Builder | None = None, *, with_hits: bool = True) -> FilterPage:
    """Return the page for boxes that were sent, or else for the stored filter. Calls the source where it must."""
    stored = readable_filter(flow)
    boxes = builder or builder_of(stored)
    problem = ""
    fields: list[FieldInfo] = []
    try:
        fields = source_fields(flow)
    except ApicenterError as error:
        problem = str(error)
    if boxes is None:
        return FilterPage(flow, None, stored, _grouped(fields), problem=problem)
    boxes = with_fields(boxes, {one.path: one for one in fields}, lambda info: _choices(flow, info))
    checked = check(boxes) if builder is not None else _unchecked(boxes)
    hits, hits_problem = _hits(flow, checked) if with_hits and not problem else (None, "")
    return FilterPage(flow, checked, stored, _grouped(fields), hits, problem, hits_problem)


def _unchecked(boxes: Builder) -> Checked:
    """What is stored is right, however it looks: it is checked without showing errors nobody has made."""
    found = check(boxes)
    return Checked(boxes, found.condition)


def _hits(flow: Flow, checked: Checked) -> tuple[Hits | None, str]:
    if checked.builder.has_errors:
        return None, ""
    try:
        return try_filter(checked.condition, recent_records(flow)), ""
    except ApicenterError as error:
        return None, str(error)


def _choices(flow: Flow, info: FieldInfo) -> Choices:
    if info.options:
        return [(value, value) for value in info.options]
    if not info.list_name:
        return ()
    try:
        return [(option.value, option.label) for option in source_options(flow, info.list_name)]
    except ApicenterError:
        return ()


def _grouped(fields: list[FieldInfo]) -> dict[str, list[FieldInfo]]:
    groups: OrderedDict[str, list[FieldInfo]] = OrderedDict()
    for one in fields:
        groups.setdefault(str(one.group), []).append(one)
    return groups
