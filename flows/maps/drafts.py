"""The draft of a flow's maps: what its people change together before it goes live.

Every edit is one call that locks the draft, looks whether somebody else changed the same field since the caller read
it, and keeps what it did, so that it can be undone. Nothing here touches what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.audit import record_change
from apicenter.organizations.models import User
from connectors.maps import FieldMap, ResourceMap
from flows.maps.changes import (
    FieldChange,
    FieldPlace,
    Maps,
    apply_changes,
    diff_maps,
    find_field,
    read_maps,
    stored_maps,
)
from flows.models import Flow, MapDraft, MapVersion

MOST_UNDO = 30
PRESENT_FOR = timedelta(minutes=10)  # so long after an edit a person counts as being at work in the draft


class DraftMoved(Exception):
    """Somebody else changed the same thing in between; nothing was saved. `who` is their name."""

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who

    def __str__(self) -> str:
        return _("%(who)s changed this in the meantime. What you see now is theirs; your change was not saved.") % {
            "who": self.who or _("Somebody else")
        }


class NotMaps(ValueError):
    """What was given is not a set of maps of this flow. `str(error)` says why, naming the field."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who works in the draft at the moment."""

    id: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftState:
    """The draft as it stands; without one, the live maps with nothing changed and version 0."""

    flow: Flow
    live: Maps
    maps: Maps
    version: int
    changes: tuple[FieldChange, ...] = ()
    editors: tuple[Editor, ...] = ()
    can_undo: bool = False
    can_redo: bool = False
    updated_at: datetime | None = None

    @property
    def has_changes(self) -> bool:
        return bool(self.changes)

    def change_at(self, place: FieldPlace) -> FieldChange | None:
        return next((one for one in self.changes if one.place == place), None)


def live_maps(flow: Flow) -> dict[str, ResourceMap]:
    """Return the maps that runs use. A flow without any has none."""
    return read_maps(flow.map_version.maps) if flow.map_version else {}


def draft_state(flow: Flow) -> DraftState:
    """Return the draft of a flow, or its live maps where nobody has begun one."""
    draft = MapDraft.objects.filter(flow=flow).first()
    if draft is not None and draft.base_id != flow.map_version_id:
        with transaction.atomic():
            draft = _locked(flow)
    return _state(flow, draft)


def set_field(flow: Flow, place: FieldPlace, field: FieldMap | None, *, author: User | None, seen: int) -> DraftState:
    """Map a field anew, or with None no longer. `seen` is the draft's version the author looked at.

    Raises DraftMoved when somebody else changed this field since.
    """

    def edit(draft: MapDraft, maps: Maps) -> list[FieldChange]:
        _ensure_untouched(draft, [place], author, seen)
        at = next((at for at, one in enumerate(_fields_at(maps, place)) if one.target == place.target), -1)
        return [FieldChange(place, find_field(maps, place), field, at)]

    return _edit(flow, edit, author=author)


def add_fields(flow: Flow, choose: Callable[[Maps], list[FieldChange]], *, author: User | None) -> DraftState:
    """Do what `choose` wants of the draft as it is now, as one edit."""
    return _edit(flow, lambda _draft, maps: choose(maps), author=author)


def revert_field(flow: Flow, place: FieldPlace, *, author: User | None, seen: int) -> DraftState:
    """Put one field back as it is live. Raises DraftMoved."""
    return set_field(flow, place, find_field(live_maps(flow), place), author=author, seen=seen)


def set_maps(flow: Flow, maps: Mapping[str, Any], *, author: User | None, expected: int | None = None) -> DraftState:
    """Replace the whole draft. With `expected`, only while its version is still that one.

    Raises NotMaps for what is no set of maps of this flow's kinds, DraftMoved.
    """
    wanted = checked_maps(flow, maps)

    def edit(draft: MapDraft, present: Maps) -> list[FieldChange]:
        if expected is not None and expected != draft.version:
            raise DraftMoved(last_editor(draft))
        return diff_maps(present, wanted)

    return _edit(flow, edit, author=author)


def undo(flow: Flow, *, author: User | None) -> DraftState:
    """Take the last edit back. Without one, nothing happens."""
    return _step(flow, "done", "undone", author)


def redo(flow: Flow, *, author: User | None) -> DraftState:
    """Do the edit again that was taken back last."""
    return _step(flow, "undone", "done", author)


def discard(flow: Flow) -> None:
    """Throw the draft away; what is live stays."""
    state = draft_state(flow)
    with transaction.atomic():
        MapDraft.objects.filter(flow=flow).delete()
        if state.has_changes:
            record_change("map.draft_discarded", subject=flow.name, after=words_of(state.changes))


def checked_maps(flow: Flow, maps: Mapping[str, Any]) -> dict[str, ResourceMap]:
    """Return maps given from outside as models. Raises NotMaps."""
    try:
        wanted = read_maps(maps)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotMaps(f"{where}: {first['msg']}" if where else str(first["msg"])) from error
    unknown = set(wanted) ^ set(live_maps(flow))
    if unknown:
        raise NotMaps(
            _("Give a map for each kind of record of this flow: %(kinds)s.") % {"kinds": ", ".join(live_maps(flow))}
        )
    return wanted


def words_of(changes: Sequence[FieldChange]) -> dict[str, str]:
    """Return which fields changed and how, for the audit trail."""
    words = {True: "removed", False: "changed"}
    return {one.place.path: "added" if one.before is None else words[one.after is None] for one in changes}


def _edit(flow: Flow, edit: Callable[[MapDraft, Maps], list[FieldChange]], *, author: User | None) -> DraftState:
    with transaction.atomic():
        draft = _locked(flow, begin=True)
        assert draft is not None
        maps = read_maps(draft.maps)
        changes = [one for one in edit(draft, maps) if one.before != one.after]
        if changes:
            draft.done = [*draft.done, [one.to_json() for one in changes]][-MOST_UNDO:]
            draft.undone = []
            _save(draft, apply_changes(maps, changes), changes, author)
        elif not draft.done:
            draft.delete()
            return _state(flow, None)
    return _state(flow, draft)


def _step(flow: Flow, take: str, give: str, author: User | None) -> DraftState:
    with transaction.atomic():
        draft = _locked(flow)
        if draft is None or not getattr(draft, take):
            return _state(flow, draft)
        taken = list(getattr(draft, take))
        stored = taken.pop()
        changes = [FieldChange.from_json(one) for one in stored]
        changes = [one.reversed for one in reversed(changes)] if take == "done" else changes
        setattr(draft, take, taken)
        setattr(draft, give, [*getattr(draft, give), stored][-MOST_UNDO:])
        _save(draft, apply_changes(read_maps(draft.maps), changes), changes, author)
    return _state(flow, draft)


def _locked(flow: Flow, *, begin: bool = False) -> MapDraft | None:
    """Return the draft, locked and based on what is live now. In a transaction."""
    live = flow.map_version
    if begin and live is not None and not MapDraft.objects.filter(flow=flow).exists():
        try:
            with transaction.atomic():
                MapDraft.objects.create(flow=flow, base=live, maps=live.maps, version=0)
        except IntegrityError:
            pass  # somebody else began it this very moment
    draft = MapDraft.objects.select_for_update().filter(flow=flow).first()
    if draft is not None and live is not None and draft.base_id != live.pk:
        _rebase(draft, live)
    return draft


def _rebase(draft: MapDraft, live: MapVersion) -> None:
    """Another version went live meanwhile: lay the draft's own changes on top of that one."""
    own = diff_maps(read_maps(draft.base.maps), read_maps(draft.maps))
    draft.maps = stored_maps(apply_changes(read_maps(live.maps), own))
    draft.base, draft.version, draft.done, draft.undone = live, draft.version + 1, [], []
    draft.save(update_fields=["maps", "base", "version", "done", "undone"])


def _save(draft: MapDraft, maps: Maps, changes: Sequence[FieldChange], author: User | None) -> None:
    now = timezone.now()
    draft.maps, draft.version, draft.updated_at = stored_maps(maps), draft.version + 1, now
    who = {"id": str(author.pk) if author else "", "who": str(author) if author else "", "version": draft.version}
    draft.touched = {**draft.touched, **{one.place.key: who for one in changes}}
    if author is not None:
        draft.editors = {**draft.editors, str(author.pk): {"name": str(author), "at": now.isoformat()}}
    draft.save()


def _ensure_untouched(draft: MapDraft, places: Sequence[FieldPlace], author: User | None, seen: int) -> None:
    own = str(author.pk) if author else ""
    for place in places:
        last = draft.touched.get(place.key)
        if last and last["version"] > seen and last["id"] != own:
            raise DraftMoved(last["who"])


def last_editor(draft: MapDraft) -> str:
    """Return the name of who changed it last, or ""."""
    last = max(draft.editors.values(), key=lambda one: one["at"], default=None)
    return last["name"] if last else ""


def _fields_at(maps: Maps, place: FieldPlace) -> tuple[FieldMap, ...]:
    one = maps.get(place.resource)
    if one is None:
        return ()
    return one.lists.get(place.in_list, ()) if place.in_list else one.fields


def _state(flow: Flow, draft: MapDraft | None) -> DraftState:
    live = live_maps(flow)
    if draft is None:
        return DraftState(flow, live, live, 0)
    maps = read_maps(draft.maps)
    return DraftState(
        flow=flow,
        live=live,
        maps=maps,
        version=draft.version,
        changes=tuple(diff_maps(live, maps)),
        editors=tuple(_editors(draft)),
        can_undo=bool(draft.done),
        can_redo=bool(draft.undone),
        updated_at=draft.updated_at,
    )


def _editors(draft: MapDraft) -> list[Editor]:
    since = timezone.now() - PRESENT_FOR
    found = [Editor(key, one["name"], datetime.fromisoformat(one["at"])) for key, one in draft.editors.items()]
    return sorted((one for one in found if one.at >= since), key=lambda one: one.name)
