"""The mapping page as a whole: the rows of one kind of record, looked at with one real record, and the open field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from apicenter.organizations.models import User
from connectors.base import FieldInfo
from dashboard.mapping.inspector import Inspector, build_inspector
from dashboard.mapping.rows import Group, Labels, Row, RowMaker
from dashboard.mapping.state import Place
from dashboard.words import kind_word, tile_of
from flows.engine.work import tables_of
from flows.maps.changes import FieldChange, FieldPlace
from flows.maps.checks import Problem, check_maps, key_place
from flows.maps.drafts import DraftState, Editor, draft_state, live_maps
from flows.maps.field_lists import FieldList, source_fields, target_fields
from flows.maps.new_fields import new_fields
from flows.maps.samples import Current, Sample, Situation, current_of, open_sample, results, samples_of, updates
from flows.models import Flow, RunRecord, ValueRow
from flows.services import kind_of


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of record of the flow."""

    key: str
    title: str
    url: str
    is_on: bool
    changes: int
    problems: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A record that may be looked at."""

    row: RunRecord
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Everything the page shows."""

    place: Place
    draft: DraftState
    tabs: tuple[Tab, ...]
    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    sample: Sample | None
    choices: tuple[Choice, ...]
    current: Current | None
    source_problem: str
    target_problem: str
    others: tuple[FieldInfo, ...]
    mapped: int
    total: int
    problem_count: int
    own_changes: int
    inspector: Inspector | None
    editors: tuple[Editor, ...]
    new_fields: tuple[str, ...] = ()  # what usual fields are called that the maps have never had

    @property
    def flow(self) -> Flow:
        return self.place.flow

    @property
    def next_number(self) -> int:
        version = self.flow.map_version
        return version.number + 1 if version else 1

    @property
    def can_publish(self) -> bool:
        return self.draft.has_changes and not self.problems

    @property
    def own_fields(self) -> int:
        return sum(one.is_custom for one in self.others)

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def is_updated(self) -> bool:
        return updates(self.flow, self.place.kind)

    @property
    def is_new(self) -> bool:
        return self.place.situation == "new"

    def neighbour(self, step: int) -> Choice | None:
        at = next((at for at, one in enumerate(self.choices) if one.is_on), None)
        if at is None or not 0 <= at + step < len(self.choices):
            return None
        return self.choices[at + step]

    @property
    def previous(self) -> Choice | None:
        return self.neighbour(-1)

    @property
    def following(self) -> Choice | None:
        return self.neighbour(1)

    @property
    def url_all(self) -> str:
        return replace(self.place, show="all").address()

    @property
    def url_problems(self) -> str:
        return replace(self.place, show="problems").address()

    @property
    def url_changed(self) -> str:
        return replace(self.place, show="changed").address()

    @property
    def url_new(self) -> str:
        return replace(self.place, situation="new").address()

    @property
    def url_exists(self) -> str:
        return replace(self.place, situation="exists").address()

    @property
    def url_closed(self) -> str:
        return self.place.at(None).address()

    @property
    def url_edit(self) -> str:
        return self.place.address("dashboard:map_edit")


def kinds_of(flow: Flow) -> list[str]:
    """Return the kinds of records the flow has maps for, its own first."""
    maps = flow.map_version.maps if flow.map_version else {}
    order = kind_of(flow).resources
    return sorted(maps, key=lambda kind: order.index(kind) if kind in order else len(order))


def build_editor(
    place: Place,
    user: User,
    *,
    is_fresh: bool = False,
    error: str = "",
    failed: str = "",
    posted: QueryDict | None = None,
) -> EditorPage:
    """Gather the page. `error` is what was wrong with the last edit, `failed` which part of the field it was, and
    `posted` what was sent."""
    flow = place.flow
    draft = draft_state(flow)
    sources = source_fields(flow, place.kind, is_fresh=is_fresh)
    targets = target_fields(flow, place.kind, is_fresh=is_fresh)
    rows = samples_of(flow, place.kind, q=place.q)
    sample = _sample(flow, place, rows)
    current = current_of(flow, sample.row) if sample and place.situation == "exists" else None
    problems = check_maps(flow, draft.maps)
    maker = RowMaker(
        draft=draft,
        kind=place.kind,
        targets=targets,
        sources=sources,
        results=results(
            place.kind,
            draft.maps[place.kind],
            sample,
            tables=tables_of(flow),
            situation=place.situation,
            current=current,
        ),
        problems=problems,
        labels=labels_of_values(flow),
        key=key_place(flow, place.kind),
        selected=place.selected,
        target=tile_of(flow.target.connector).title,
        is_updated=updates(flow, place.kind),
    )
    groups = maker.groups()
    every = [row for group in groups for row in group.rows]
    blocking = [*problems, *_shown_by_record(every)]
    shown = {row.place for row in every}
    others = _others(targets, draft, place.kind, shown)
    selected = next((row for row in every if row.is_selected), None)
    return EditorPage(
        place=place,
        draft=draft,
        tabs=tuple(_tabs(place, draft, problems)),
        groups=tuple(_filtered(groups, place.show)),
        problems=tuple(blocking),
        sample=sample,
        choices=tuple(Choice(row, replace(place, record=str(row.pk)).address(), _is_on(row, sample)) for row in rows),
        current=current,
        source_problem=sources.problem,
        target_problem=targets.problem,
        others=tuple(others),
        mapped=sum(not row.is_missing for row in every),
        total=len(every) + len(others),
        problem_count=sum(row.has_problem for row in every),
        own_changes=sum(row.is_changed for row in every),
        inspector=build_inspector(maker, selected, sample, error=error, failed=failed, posted=posted)
        if selected
        else None,
        editors=tuple(one for one in draft.editors if one.id != str(user.pk)),
        new_fields=tuple(_titles(flow, new_fields(flow, draft.maps))),
    )


def _titles(flow: Flow, changes: Sequence[FieldChange]) -> Iterator[str]:
    """Yield what fields are called, with their kind of record where that is not the flow's own."""
    lists = {kind: target_fields(flow, kind, is_offline=True) for kind in {change.place.resource for change in changes}}
    for change in changes:
        place = change.place
        info = lists[place.resource].find(place.path)
        title = str(info.title) if info else place.path
        yield title if place.resource == flow.kind else f"{kind_word(place.resource)}: {title}"


def problems_of_record(place: Place) -> list[Problem]:
    """Return what the record that is looked at shows to be wrong with fields of the draft that were changed."""
    flow, draft = place.flow, draft_state(place.flow)
    targets = target_fields(flow, place.kind, is_offline=True)
    sample = _sample(flow, place, samples_of(flow, place.kind))
    maker = RowMaker(
        draft, place.kind, targets, source_fields(flow, place.kind, is_offline=True),
        results(place.kind, draft.maps[place.kind], sample, tables=tables_of(flow)),
        (), {}, key_place(flow, place.kind), None, tile_of(flow.target.connector).title,
    )  # fmt: skip
    return _shown_by_record([row for group in maker.groups() for row in group.rows])


def labels_of_values(flow: Flow) -> Labels:
    """Return what a person calls the values a value table gives."""
    found: dict[str, dict[str, str]] = {}
    rows = ValueRow.objects.filter(table__flow=flow).exclude(value_label="")
    for table, value, label in rows.values_list("table__name", "value", "value_label"):
        found.setdefault(table, {})[value] = label
    return found


def _shown_by_record(rows: Sequence[Row]) -> list[Problem]:
    """Return what stops publishing though the map is sound: a changed field that does not fit the record."""
    return [Problem(row.place, row.title, row.misfit) for row in rows if row.is_changed and row.misfit]


def _sample(flow: Flow, place: Place, rows: Sequence[RunRecord]) -> Sample | None:
    row = next((one for one in rows if str(one.pk) == place.record), None)
    if row is None and place.record:
        row = RunRecord.objects.filter(flow=flow, kind=place.kind, pk=place.record, source__isnull=False).first()
    row = row or (rows[0] if rows else None)
    if row is None:
        return None
    full = RunRecord.objects.select_related("organization").get(pk=row.pk)
    return open_sample(flow, full)


def _is_on(row: RunRecord, sample: Sample | None) -> bool:
    return sample is not None and row.pk == sample.row.pk


def _tabs(place: Place, draft: DraftState, problems: Sequence[Problem]) -> list[Tab]:
    return [
        Tab(
            key=kind,
            title=kind_word(kind),
            url=_tab_place(place, kind).address(),
            is_on=kind == place.kind,
            changes=sum(one.place.resource == kind for one in draft.changes),
            problems=sum(one.place.resource == kind for one in problems),
        )
        for kind in kinds_of(place.flow)
    ]


def _tab_place(place: Place, kind: str) -> Place:
    usual: Situation = "exists" if updates(place.flow, kind) else "new"
    return Place(place.flow, kind, situation=usual, show=place.show, usual=usual)


def _filtered(groups: Sequence[Group], show: str) -> list[Group]:
    if show == "all":
        return list(groups)
    wanted = {"problems": lambda row: row.has_problem, "changed": lambda row: row.is_changed}[show]
    left = [replace(group, rows=tuple(row for row in group.rows if wanted(row) or row.is_selected)) for group in groups]
    return [group for group in left if group.rows]


def _others(targets: FieldList, draft: DraftState, kind: str, shown: set[FieldPlace]) -> list[FieldInfo]:
    """Return the target's fields that are not mapped, the organization's own first."""
    lists = list(draft.maps[kind].lists)
    shown_paths = {place.path for place in shown}
    taken = {place.target.partition(".")[0] for place in shown if "." not in place.target and not place.in_list}
    left = [
        one
        for one in targets.fields
        if one.path not in shown_paths
        and (one.path.partition(".")[0] in lists or one.path.partition(".")[0] not in taken)
        and not ("." in one.path and _is_other_list(one, lists))
    ]
    return sorted(left, key=lambda one: not one.is_custom)


def _is_other_list(info: FieldInfo, lists: Sequence[str]) -> bool:
    """Lines of a list that the map does not make cannot be added field by field."""
    head = info.path.partition(".")[0]
    return head.endswith("Lines") and head not in lists


def place_of(flow: Flow, kind: str, path: str) -> FieldPlace:
    """Return the place of a target field named by its whole path."""
    head, _dot, rest = path.partition(".")
    one = live_maps(flow).get(kind)
    if one is not None and rest and head in one.lists:
        return FieldPlace(kind, head, rest)
    return FieldPlace(kind, "", path)
