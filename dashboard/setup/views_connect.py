"""Steps one and two: which systems, and letting us in. The same forms repair a connection later."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apicenter.errors import ApicenterError
from connectors import services
from connectors.base import AuthKind, Connector
from connectors.models import Connection
from connectors.registry import UnknownConnector, connector_class
from dashboard.access import MemberRequest, administers, changes, connection_for
from dashboard.setup import consents, sent_steps
from dashboard.setup.access import connecting, consenting, page_of, step
from dashboard.setup.connect_form import ConnectForm
from dashboard.setup.connect_panel import ConnectPanel, panel_for
from dashboard.setup.demo_company import connect_demo_company
from dashboard.setup.file_set_up import file_connections, has_files
from dashboard.setup.guides import ShownGuide, callback_url
from dashboard.setup.inquiries import too_many_words
from dashboard.setup.steps import Step, pair_titles, present_set_up, set_up_of
from dashboard.setup.steps_form import StepsForm
from dashboard.way_back import own_path

FRESH = "fresh_connection"  # in the session: authorised a moment ago, so its page tries it right away
REPAIR = "connection"  # the page of one connection; anything else is the step of the set-up


@step
def start(request: MemberRequest) -> HttpResponse:
    """Go on where it was left."""
    found = present_set_up()
    return redirect(found.url(found.next_step) if found else "dashboard:setup:systems")


@connecting
def systems(request: MemberRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            connect_demo_company(request.organization)
        except ApicenterError as error:
            messages.error(request, str(error))
        else:
            return redirect("dashboard:setup:authorise", Connection.Environment.SANDBOX)
    own, demo = (set_up_of(one) for one in (Connection.Environment.PRODUCTION, Connection.Environment.SANDBOX))
    context = page_of(own if own.connections or not demo.connections else demo, Step.SYSTEMS, own=own, demo=demo)
    context |= {
        "files": file_connections(),
        "titles": pair_titles(),
        "has_demo": settings.ENV.SANDBOX_ENABLED,
        "has_aside": True,
    }
    return render(request, "dashboard/setup/systems.html", context)


@step
def authorise(request: MemberRequest, environment: str) -> HttpResponse:
    """Both systems with their forms; one that was just authorised is tried live."""
    fresh = request.session.pop(FRESH, "")
    found = set_up_of(environment)
    checked = next((one for one in found.connections.values() if str(one.pk) == fresh), None)
    return _authorise_page(request, environment, checked=checked)


@require_POST
@administers
def connect(request: MemberRequest, environment: str, key: str) -> HttpResponse:
    """Make the connection of a system; one that exists already is changed."""
    found = set_up_of(environment)
    if key not in found.pair:
        raise Http404
    existing = found.connections.get(key)
    if existing is None and environment == Connection.Environment.SANDBOX:
        raise Http404  # the demo company is connected as a whole
    return _save(request, connector_class(key), existing, environment)


@connecting
def connection(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """The page that repairs one connection."""
    found = connection_for(request, pk)
    if request.method == "POST":
        return _save(request, connector_class(found.connector), found, found.environment, page=REPAIR)
    is_fresh = request.session.pop(FRESH, "") == str(found.pk)
    return _connection_page(request, panel_for(found.connector, found, is_checked=is_fresh))


@changes
def check(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    found = connection_for(request, pk)
    if request.POST.get("page") == REPAIR:
        return _connection_page(request, panel_for(found.connector, found, is_checked=True))
    environment = str(found.pk) if has_files(found) else found.environment
    return _authorise_page(request, environment, checked=found)


@changes
def send_steps(request: MemberRequest, key: str) -> HttpResponse:
    """Send the steps of a guide to somebody who needs no account here."""
    try:
        connector = connector_class(key)
    except UnknownConnector as error:
        raise Http404 from error
    form = StepsForm(request.POST)
    back = own_path(request.POST.get("back", ""), otherwise=reverse("dashboard:setup:start"))
    if not form.is_valid():
        messages.error(request, _("Enter an e-mail address, such as name@example.com."))
        return redirect(back)
    to, language = form.cleaned_data["email"], form.cleaned_data["language"] or get_language() or "en"
    organization = request.organization
    try:
        sent_steps.send_steps(connector, to, organization=organization, sender=request.user, language=language)
    except sent_steps.TooMany:
        messages.error(request, too_many_words())
    except OSError:
        messages.error(request, _("The letter could not be sent. Try again in a few minutes."))
    else:
        messages.success(request, _("Sent to %(who)s.") % {"who": to})
    return redirect(back)


@consenting
def consent(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Send the person to the vendor's consent page."""
    found = connection_for(request, pk)
    if connector_class(found.connector).auth.kind != AuthKind.OAUTH_CODE:
        raise Http404
    page = REPAIR if request.GET.get("page") == REPAIR else ""
    begun = consents.begin(request.session, found, page=page, now=timezone.now())
    url = services.consent_url(found, redirect_uri=callback_url(), state=begun.state, verifier=begun.verifier)
    return redirect(url)


@consenting
def callback(request: MemberRequest) -> HttpResponse:
    """Where the vendor sends the person back to, with a code or a refusal."""
    try:
        begun = consents.redeem(
            request.session,
            request.GET.get("state", ""),
            organization=request.organization.pk,
            now=timezone.now(),
        )
    except consents.ConsentRefused as error:
        messages.error(request, str(error))
        return redirect("dashboard:setup:start")
    found = connection_for(request, begun.connection)
    problem = _finish(request, found, begun.verifier)
    if problem:
        messages.error(request, problem)
    else:
        request.session[FRESH] = str(found.pk)
    if begun.page == REPAIR:
        return redirect("dashboard:setup:connection", found.pk)
    return redirect("dashboard:setup:authorise", found.environment)


def _finish(request: MemberRequest, found: Connection, verifier: str) -> str:
    """Turn the code into an authorisation. Returns what went wrong, or ""."""
    system = {"system": connector_class(found.connector).title}
    code = request.GET.get("code", "")
    if request.GET.get("error") == "access_denied":
        return (
            _("You did not allow the access in %(system)s, so nothing was changed. Try again when you like.") % system
        )
    if not code:
        return _("%(system)s sent you back without an authorisation, so nothing was changed. Try again.") % system
    try:
        services.finish_authorization(found, code, callback_url(), verifier=verifier)
    except ApicenterError as error:
        return str(error)
    return ""


def _save(
    request: MemberRequest, connector: type[Connector], existing: Connection | None, environment: str, page: str = ""
) -> HttpResponse:
    """Store what was entered; then try it, or go to the vendor's consent page."""
    form = ConnectForm(connector, existing, request.POST)
    saved = form.save(request.organization, environment) if form.is_valid() else None
    if saved is None:
        if existing is not None and page == REPAIR:
            return _connection_page(request, panel_for(connector.key, existing, form=form))
        return _authorise_page(request, environment, form=form)
    if connector.auth.kind == AuthKind.OAUTH_CODE:
        # Not a redirect: the policy of our pages lets a form go nowhere but to ourselves.
        return render(request, "dashboard/setup/leaving.html", {"connection": saved, "page": page})
    if page == REPAIR:
        return _connection_page(request, panel_for(connector.key, saved, is_checked=True))
    return _authorise_page(request, environment, checked=saved)


def _authorise_page(
    request: MemberRequest, environment: str, *, checked: Connection | None = None, form: ConnectForm | None = None
) -> HttpResponse:
    before = set_up_of(environment)
    panels = [
        panel_for(
            key,
            before.connections.get(key),
            form=form if form is not None and form.connector.key == key else None,
            is_checked=checked is not None and checked.connector == key,
        )
        for key in before.pair[::-1]  # the one that takes a click first
    ]
    found = set_up_of(environment)  # a check changes what is done
    here = next((panel for panel in panels if not panel.is_ok), panels[-1])
    guides = [] if found.is_demo else [ShownGuide(panel.key, panel.guide, panel is here) for panel in panels]
    context = page_of(found, Step.AUTHORISE, panels=panels, guides=guides)
    return render(request, "dashboard/setup/authorise.html", context)


def _connection_page(request: MemberRequest, panel: ConnectPanel) -> HttpResponse:
    context: dict[str, Any] = {"panel": panel, "guides": [ShownGuide(panel.key, panel.guide, is_open=True)]}
    context |= {"here": "connections", "page": REPAIR}
    return render(request, "dashboard/setup/connection.html", context)
