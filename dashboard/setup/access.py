"""Who may do what in the set-up: every member sees it, admins connect systems, editors do the rest.

Objects come by organization or as a 404.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import MemberRequest, P, View, administers, only_if
from dashboard.setup.steps import SetUp, Step
from flows.models import ValueTable


def step(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page that everybody reads and editors send something to."""
    return require_http_methods(["GET", "HEAD", "POST"])(
        only_if(view, lambda request: request.may_edit or request.method != "POST")
    )


def connecting(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page that everybody reads and admins send something to: it lets us into a system."""
    return require_http_methods(["GET", "HEAD", "POST"])(
        only_if(view, lambda request: request.may_administer or request.method != "POST")
    )


def consenting(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A link that begins or ends something and so is for admins only: the way to a consent page and back."""
    return require_safe(administers(view))


def editing(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A part of a page that asks the systems something and so is for editors only."""
    return require_safe(only_if(view, lambda request: request.may_edit))


def table_for(request: MemberRequest, pk: uuid.UUID) -> ValueTable:
    rows = ValueTable.objects.select_related("flow__source", "flow__target")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def page_of(set_up: SetUp, here: Step, **more: Any) -> dict[str, Any]:
    """Return what every page of the set-up needs."""
    lines = set_up.lines(here)
    number = list(Step).index(here)
    before = set_up.url(list(Step)[number - 1]) if number else ""
    return {"set_up": set_up, "steps": lines, "number": number + 1, "back": before, **more}
