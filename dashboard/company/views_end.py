"""Taking everything along, and deleting the company. Owners only, and only after they signed in again just now."""

from __future__ import annotations

from datetime import date

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apicenter.audit import record_change
from connectors.models import Connection
from dashboard import access
from dashboard.access import SESSION_KEY, MemberRequest, owns
from dashboard.you.forms import TypedForm
from flows.archive import stream
from flows.erasure import erase
from flows.models import Binding, RunRecord


@require_safe
@owns
def data(request: MemberRequest) -> HttpResponse:
    return render(request, "dashboard/company/data.html", {"here": "settings", "counts": _counts()})


@require_POST
@owns
@reauthentication_required
def export(request: MemberRequest) -> HttpResponseBase:
    """Send the whole company as a ZIP file while it is being made."""
    record_change("organization.exported", subject=request.organization.name)
    response = StreamingHttpResponse(stream(request.organization), content_type="application/zip")
    name = f"{slugify(request.organization.name) or 'company'}-{date.today():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@owns
@reauthentication_required
def delete(request: MemberRequest) -> HttpResponse:
    organization = request.organization
    form = TypedForm(request.POST or None, wanted=organization.name, label=_("Type the name of the company to confirm"))
    if request.method == "POST" and form.is_valid():
        erase(organization)
        request.session.pop(SESSION_KEY, None)
        messages.success(request, _("%s and everything of it is deleted.") % organization.name)
        return redirect("dashboard:overview")
    return render(request, "dashboard/company/delete.html", {"here": "settings", "form": form, "counts": _counts()})


def _counts() -> dict[str, int]:
    return {
        "connections": Connection.objects.count(),
        "flows": access.flows().count(),
        "bindings": Binding.objects.count(),
        "records": RunRecord.objects.count(),
        "people": access.members().count(),
    }
