"""Who changed what, as a page and as a file."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access import MemberRequest, in_organization
from dashboard.company.trail import TrailFilter, actions_of_trail, page_of, people_of_trail, trail_csv


@require_safe
@in_organization
def trail(request: MemberRequest) -> HttpResponse:
    wanted, all_of_it = TrailFilter.read(request.GET), request.may_administer
    context = {
        "here": "trail",
        "kept_days": settings.ENV.AUDIT_DAYS,
        "filter": wanted,
        "page": page_of(wanted.entries(with_sign_ins=all_of_it), request.GET.get("older", "")),
        "people": people_of_trail(with_sign_ins=all_of_it),
        "actions": actions_of_trail(with_sign_ins=all_of_it),
    }
    return render(request, "dashboard/company/trail.html", context)


@require_safe
@in_organization
def export(request: MemberRequest) -> HttpResponse:
    all_of_it = request.may_administer
    rows = trail_csv(TrailFilter.read(request.GET).entries(with_sign_ins=all_of_it), with_address=all_of_it)
    response = HttpResponse(list(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="changes.csv"'
    return response
