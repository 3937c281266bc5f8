"""Links in letters that do one thing without signing in: the signature says who and what. Nothing happens on a GET, as
mail programs follow links by themselves.
"""

from __future__ import annotations

from contextlib import ExitStack

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apicenter.audit import Actor, acting_as
from apicenter.notifications.care import Action, BadLink, Link, quiet_until_tomorrow, read_link, stop
from apicenter.notifications.events import EVENTS
from apicenter.notifications.models import Incident
from apicenter.notifications.readers import Reader, reader_of
from apicenter.organizations.models import Membership, User
from apicenter.tenancy import organization_context
from dashboard.access import EDITORS
from dashboard.notifications.words import Teller
from dashboard.templatetags.pages import moment
from flows.needs.cause_tasks import take_care

PAGE = "dashboard/notifications/link.html"


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link does, and do it on a POST. The token is the right to do it: no cookie takes part."""
    try:
        wanted = read_link(token)
    except BadLink:
        return render(request, PAGE, {"is_bad": True}, status=410)
    with ExitStack() as stack:
        stack.enter_context(organization_context(wanted.organization_id))
        reader = _reader(wanted)
        stack.enter_context(translation.override(reader.user.language))
        stack.enter_context(timezone.override(reader.zone))
        stack.enter_context(acting_as(Actor(reader.user, via="e-mail", address=request.META.get("REMOTE_ADDR", ""))))
        context = _question(wanted)
        if request.method == "POST":
            context["answer"] = _do(wanted, reader)
        return render(request, PAGE, {**context, "organization": reader.organization})


def _reader(wanted: Link) -> Reader:
    """Return who the link was sent to. Raises Http404 for somebody who has left."""
    user = User.objects.filter(pk=wanted.user_id, is_active=True).first()
    reader = reader_of(user) if user else None
    if reader is None:
        raise Http404
    return reader


def _question(wanted: Link) -> dict[str, object]:
    if wanted.action is Action.TAKE:
        incident = _incident(wanted)
        return {
            "title": _("Take care of this?"),
            "text": Teller.for_all().cause(incident),
            "button": _("I take care of it"),
            "hint": _("The others see it, and from now on only you are reminded."),
        }
    if wanted.action is Action.QUIET:
        return {
            "title": _("Quiet until tomorrow?"),
            "text": _("E-mails wait until tomorrow morning and then come as one. In the app they stand at once."),
            "button": _("Quiet until tomorrow"),
        }
    event = EVENTS.get(wanted.subject)
    if event is None:
        raise Http404
    return {
        "title": _("No more e-mails of this kind?"),
        "text": f"{event.name}. {event.about}",
        "button": _("No more of these"),
        "hint": _("In the app they still stand. You can change it back any time."),
    }


def _do(wanted: Link, reader: Reader) -> str:
    if wanted.action is Action.TAKE:
        return _take(wanted, reader)
    if wanted.action is Action.QUIET:
        return _("Quiet until %(time)s.") % {"time": moment(quiet_until_tomorrow(reader))}
    stop(reader.user, wanted.subject)
    return _("You get no more e-mails of this kind.")


def _take(wanted: Link, reader: Reader) -> str:
    """Viewers see everything and change nothing, by link as on the pages."""
    if Membership.objects.get(user=reader.user).role not in EDITORS:
        return _("As a viewer you cannot take this on. Nothing was changed.")
    if take_care(_incident(wanted), reader.user):
        return _("You take care of it. The others see that.")
    return _("It is solved already. There is nothing left to do.")


def _incident(wanted: Link) -> Incident:
    incident = Incident.objects.filter(pk=wanted.subject).select_related("taken_by").first()
    if incident is None:
        raise Http404
    return incident
