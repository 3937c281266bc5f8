"""The organization's webhooks, for admins: add, change, test, another secret, what was sent, what was given up."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apicenter.notifications import outbox
from apicenter.notifications import webhooks as services
from apicenter.notifications.events import choices
from apicenter.notifications.inbox import given_up
from apicenter.notifications.models import Webhook
from connectors.webhooks import post_webhook
from dashboard.access import MemberRequest, administers
from dashboard.asked_again import asks_again_about
from dashboard.notifications.access import given_up_for, webhook_for
from dashboard.notifications.composer import test_brief
from dashboard.notifications.forms import WebhookForm
from dashboard.notifications.words import Teller

LOG_PAGE = 20
CONTEXT = {"here": "notifications", "tab": "webhooks"}


@require_http_methods(["GET", "HEAD", "POST"])
@administers
@reauthentication_required(allow_get=True)
def webhooks(request: MemberRequest) -> HttpResponse:
    """All webhooks, and a form for another."""
    usual = [event.code for event in choices() if event.goes_to_webhooks]
    form = WebhookForm(request.POST or None, initial={"events": usual, "language": get_language()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        webhook, secret = services.create_webhook(
            name=data["name"], url=data["url"], form=data["format"], events=data["events"], language=data["language"]
        )
        return _show_secret(request, webhook, secret)
    teller = Teller.for_all()
    failed = [(row, teller.headline(row.notification)) for row in given_up()[:LOG_PAGE]]
    context = {"webhooks": Webhook.objects.order_by("created_at"), "form": form, "failed": failed, **CONTEXT}
    return render(request, "dashboard/notifications/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administers
@asks_again_about(webhook_for, allow_get=True)
def webhook(request: MemberRequest, found: Webhook) -> HttpResponse:
    """One webhook: what it is told, and what was sent to it."""
    form = WebhookForm(request.POST or None, needs_address=False, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        found.language = data["language"]
        services.change_webhook(found, name=data["name"], url=data["url"], form=data["format"], events=data["events"])
        messages.success(request, _("Saved."))
        return redirect("dashboard:notifications:webhook", pk=found.pk)
    return _page(request, found, form)


def _initial(found: Webhook) -> dict[str, object]:
    return {"name": found.name, "format": found.format, "language": found.language, "events": found.events}


def _page(request: MemberRequest, found: Webhook, form: WebhookForm, **more: object) -> HttpResponse:
    rows = found.deliveries.select_related("notification__incident").order_by("-created_at")
    page = Paginator(rows, LOG_PAGE).get_page(request.GET.get("page"))
    teller = Teller.for_all()
    log = [(row, teller.headline(row.notification)) for row in page]
    context = {"webhook": found, "form": form, "log": log, "page": page, **CONTEXT, **more}
    return render(request, "dashboard/notifications/webhook.html", context)


def _show_secret(request: MemberRequest, found: Webhook, secret: str) -> HttpResponse:
    """Show a secret, this once."""
    return render(request, "dashboard/notifications/secret.html", {"webhook": found, "secret": secret, **CONTEXT})


@require_POST
@administers
@asks_again_about(webhook_for)
def rotate(request: MemberRequest, found: Webhook) -> HttpResponse:
    return _show_secret(request, found, services.rotate_secret(found))


@require_POST
@administers
def test(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a test now and show the answer as it came."""
    found = webhook_for(request, pk)
    answer = services.test_webhook(found, test_brief(request.organization), post=post_webhook)
    form = WebhookForm(needs_address=False, initial=_initial(found))
    return _page(request, found, form, answer=answer)


@require_POST
@administers
def switch(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = webhook_for(request, pk)
    services.switch(found, is_on=request.POST.get("is_on") == "1")
    return redirect("dashboard:notifications:webhook", pk=found.pk)


@require_POST
@administers
def remove(request: MemberRequest, pk: UUID) -> HttpResponse:
    found = webhook_for(request, pk)
    services.remove_webhook(found)
    messages.success(request, _("“%(name)s” was removed.") % {"name": found.name})
    return redirect("dashboard:notifications:webhooks")


@require_POST
@administers
def try_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a message that was given up once more."""
    outbox.try_again(given_up_for(request, pk))
    messages.success(request, _("It is sent again."))
    return redirect("dashboard:notifications:webhooks")
