"""The page behind the link of a question: somebody without an account answers it. Nothing else is shown."""

from __future__ import annotations

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context
from dashboard.setup import inquiries
from dashboard.setup.models import Inquiry

MOST_VIEWS = 60  # of one link, each with live calls to the other systems
VIEW_SECONDS = 600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def inquiry(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, or store what was chosen. The link is all that is known of who comes."""
    found = inquiries.find_inquiry(token)
    if found is None:
        return render(request, "dashboard/setup/inquiry_closed.html", status=404)
    if _looked_too_often(found):
        return render(request, "429.html", status=429)
    with organization_context(found.organization_id), translation.override(found.language):
        request.LANGUAGE_CODE = found.language
        return _page(request, found)


def _looked_too_often(found: Inquiry) -> bool:
    key = f"inquiry:{found.pk}"
    cache.add(key, 0, VIEW_SECONDS)
    return int(cache.incr(key)) > MOST_VIEWS


def _page(request: HttpRequest, found: Inquiry) -> HttpResponse:
    context: dict[str, object] = {"inquiry": found, "is_answered": False, "problem": ""}
    try:
        if request.method == "POST":
            address = request.META.get("REMOTE_ADDR", "")
            context["answered_count"] = inquiries.answer_inquiry(found, request.POST, address=address)
            context["is_answered"] = bool(context["answered_count"])
        question = inquiries.question_for(found)
        if not question.rows:
            raise Http404
        context["table"] = question
    except ApicenterError as error:
        context["problem"] = str(error)
    return render(request, "dashboard/setup/inquiry.html", context)
