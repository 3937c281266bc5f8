"""Who is told what: each member for themselves, admins for everybody who chose nothing."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apicenter.notifications.care import pause_until, save_company, save_own
from apicenter.notifications.models import Preferences, Webhook
from apicenter.notifications.readers import MORNING, Reader, company_preferences, is_paused, readers
from apicenter.notifications.services import send_test
from dashboard import access
from dashboard.access import MemberRequest, administers, in_organization
from dashboard.notifications.access import reader_for
from dashboard.notifications.choices import company_lines, lines_of, read_choices
from dashboard.notifications.forms import CompanyForm, OwnForm, PauseForm, initial_of


def _unchosen(reader: Reader) -> Reader:
    """The same person as if they had chosen nothing."""
    return Reader(reader.user, reader.role, reader.organization, Preferences(user=reader.user), reader.company)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def mine(request: MemberRequest) -> HttpResponse:
    """What I am told. A viewer too decides about their own messages."""
    reader = reader_for(request)
    webhooks = list(Webhook.objects.order_by("created_at"))
    form = OwnForm(request.POST or None, initial=initial_of(reader.own), company_zone=request.organization.time_zone)
    flows = access.flows()
    if request.method == "POST" and form.is_valid():
        told = set(request.POST.getlist("flows"))
        chosen = read_choices(request.POST, base=lines_of(_unchosen(reader), []))
        muted = [str(flow.pk) for flow in flows if str(flow.pk) not in told]
        save_own(request.user, {**form.values(), "choices": chosen, "muted_flows": muted})
        messages.success(request, _("Saved. This is how you are told from now on."))
        return redirect("dashboard:notifications:mine")
    context = {
        "lines": lines_of(reader, webhooks),
        "webhooks": webhooks,
        "form": form,
        "flows": [(flow, str(flow.pk) not in reader.own.muted_flows) for flow in flows],
        "paused_until": reader.own.paused_until if is_paused(reader.own, timezone.now()) else None,
        "pause_form": PauseForm(),
        "company": reader.company,
        "here": "notifications",
        "tab": "mine",
    }
    return render(request, "dashboard/notifications/mine.html", context)


@require_POST
@in_organization
def pause(request: MemberRequest) -> HttpResponse:
    """Hold my e-mails until a day, or no longer."""
    if "resume" in request.POST:
        pause_until(request.user, None)
        messages.success(request, _("You are told again. What waited is sent as one e-mail."))
        return redirect("dashboard:notifications:mine")
    form = PauseForm(request.POST)
    if form.is_valid():
        reader = reader_for(request)
        pause_until(request.user, form.moment(wall=MORNING, zone=reader.zone))
        messages.success(request, _("Paused. In the app everything stands at once."))
    else:
        messages.error(request, " ".join(str(error) for error in form.errors["until"]))
    return redirect("dashboard:notifications:mine")


@require_POST
@in_organization
def test(request: MemberRequest) -> HttpResponse:
    """Send me a test through both ways."""
    send_test(request.user)
    messages.success(request, _("A test is on its way to %(email)s and to the bell.") % {"email": request.user.email})
    return redirect("dashboard:notifications:mine")


def _languages_in_use() -> list[str]:
    """Return the languages in which our people read, each by its name."""
    names = dict(settings.LANGUAGES)
    return sorted(str(names.get(code, code)) for code in {reader.user.language for reader in readers()})


@require_http_methods(["GET", "HEAD", "POST"])
@administers
def company(request: MemberRequest) -> HttpResponse:
    """What holds for everybody who chose nothing."""
    stored = company_preferences()
    form = CompanyForm(request.POST or None, initial=initial_of(stored))
    if request.method == "POST" and form.is_valid():
        chosen = read_choices(request.POST, base=company_lines({}, []))
        save_company({**form.values(), "choices": chosen})
        messages.success(request, _("Saved. It holds for everybody who chose nothing of their own."))
        return redirect("dashboard:notifications:company")
    context = {
        "lines": company_lines(stored.choices, []),
        "form": form,
        "languages_in_use": _languages_in_use(),
        "has_hours": stored.quiet_from not in {None, time(0)},
        "here": "notifications",
        "tab": "company",
    }
    return render(request, "dashboard/notifications/company.html", context)
