"""The versions of a flow's maps: publishing a draft, looking back, restoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.organizations.models import User
from flows.maps import drafts
from flows.maps.changes import FieldChange, Maps, diff_maps, read_maps, stored_maps
from flows.maps.checks import NotPublishable, Problem, check_maps
from flows.models import Flow, MapDraft, MapVersion, RunRecord
from flows.setup import creation

LONGEST_NOTE = 300


class NothingToPublish(ValueError):
    """The draft says what is live already."""


@dataclass(frozen=True, slots=True)
class VersionUse:
    """A version and how many records of the log were sent with it."""

    version: MapVersion
    records: int
    is_live: bool


def versions_of(flow: Flow) -> list[VersionUse]:
    """Return all versions, newest first."""
    used = dict(
        RunRecord.objects.filter(flow=flow, map_version__isnull=False)
        .values_list("map_version")
        .annotate(records=Count("pk"))
        .values_list("map_version", "records")
    )
    rows = MapVersion.objects.filter(flow=flow).select_related("author").order_by("-number")
    return [VersionUse(one, used.get(one.pk, 0), one.pk == flow.map_version_id) for one in rows]


def diff_versions(before: MapVersion, after: MapVersion) -> list[FieldChange]:
    """Return the fields in which two versions differ."""
    return diff_maps(read_maps(before.maps), read_maps(after.maps))


def publish_draft(
    flow: Flow, *, note: str, author: User | None, expected: int | None = None, also: Sequence[Problem] = ()
) -> MapVersion:
    """Make the draft the next version; runs use it from now on. `also` are problems a real record showed.

    Raises NotPublishable, NothingToPublish, and drafts.DraftMoved when `expected` is not the draft's version any more.
    """
    with transaction.atomic():
        draft = MapDraft.objects.select_for_update().filter(flow=flow).first()
        state = drafts.draft_state(flow)
        if draft is None or not state.has_changes:
            raise NothingToPublish(_("There is nothing to publish: the draft says what is live already."))
        if expected is not None and expected != state.version:
            raise drafts.DraftMoved(drafts.last_editor(draft))
        _ensure_publishable(flow, state.maps, also)
        version = _make_live(flow, state.maps, note=note, author=author, action="map.published")
        MapDraft.objects.filter(flow=flow).delete()
    return version


def publish_maps(flow: Flow, maps: Maps, *, note: str, author: User | None) -> MapVersion:
    """Make these maps the next version without a draft; a draft is kept and laid on top. Raises NotPublishable."""
    with transaction.atomic():
        _ensure_publishable(flow, maps, ())
        return _make_live(flow, maps, note=note, author=author, action="map.published")


def restore(flow: Flow, version: MapVersion, *, author: User | None, note: str = "") -> MapVersion:
    """Make an earlier version live again, as the next one; a draft is kept. Raises NotPublishable."""
    words = note or _("As version %(number)s was") % {"number": version.number}
    with transaction.atomic():
        maps = read_maps(version.maps)
        _ensure_publishable(flow, maps, ())
        return _make_live(flow, maps, note=words, author=author, action="map.restored")


def copy_to_draft(flow: Flow, version: MapVersion, *, author: User | None) -> drafts.DraftState:
    """Make the draft say what an earlier version says, to change it before it goes live."""
    return drafts.set_maps(flow, version.maps, author=author)


def _ensure_publishable(flow: Flow, maps: Maps, also: Sequence[Problem]) -> None:
    problems = [*check_maps(flow, maps), *also]
    if problems:
        raise NotPublishable(problems)


def _make_live(flow: Flow, maps: Maps, *, note: str, author: User | None, action: str) -> MapVersion:
    before = flow.map_version
    changes = drafts.words_of(diff_maps(drafts.live_maps(flow), maps))
    version = creation.publish(flow, stored_maps(maps), note=note.strip()[:LONGEST_NOTE], author=author)
    record_change(
        action,
        subject=flow.name,
        before={"version": before.number if before else None},
        after={"version": version.number, "note": version.note, **changes},
    )
    return version
