"""What to know about a flow now, in one sentence."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Connection
from flows.models import Flow


def verdict_of(flow: Flow, *, has_run: bool, is_reading: bool, needs_you: int, waiting: int) -> str:
    """Return how things are with a flow."""
    if flow.state == Flow.State.DRAFT:
        return _("This flow is being set up. Nothing is sent yet.")
    if flow.state == Flow.State.PAUSED:
        return _("Paused: nothing is read or sent until you resume it, and nothing is lost.")
    troubled = [side.name for side in (flow.source, flow.target) if side.state == Connection.State.NEEDS_PERSON]
    if troubled:
        return _("%(connection)s needs you. Everything waits, nothing is lost.") % {"connection": troubled[0]}
    if is_reading and not needs_you:
        return _("A run is at work. Nothing needs you so far.")
    if needs_you:
        return _needs_you(needs_you, is_rest_done=not (is_reading or waiting))
    if waiting:
        return ngettext(
            "%(count)s record waits and goes on by itself.", "%(count)s records wait and go on by themselves.", waiting
        ) % {"count": waiting}
    return _("Everything is in step.") if has_run else _("Not run yet.")


def _needs_you(count: int, *, is_rest_done: bool) -> str:
    if is_rest_done:
        return ngettext(
            "%(count)s record needs you. Everything else is in step.",
            "%(count)s records need you. Everything else is in step.",
            count,
        ) % {"count": count}
    return ngettext("%(count)s record needs you.", "%(count)s records need you.", count) % {"count": count}
