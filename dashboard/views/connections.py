"""The connections: whether they work, what is wrong, how many calls are left."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render

from connectors import services
from connectors.models import Connection
from dashboard.access import MemberRequest, changes, connection_for, in_organization
from dashboard.budget import budget_of
from dashboard.check_lines import CheckLine, lines_of
from dashboard.partial import wants_part
from flows.services import wake_connection


@in_organization
def connections(request: MemberRequest) -> HttpResponse:
    return render(request, "dashboard/connections.html", _context({}))


@changes
def check(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Try one connection live; when it works again, what waited for it goes on."""
    connection = connection_for(request, pk)
    lines = lines_of(services.check(connection))
    connection.refresh_from_db()
    if connection.state == Connection.State.OK:
        wake_connection(connection)
    if not wants_part(request):
        return render(request, "dashboard/connections.html", _context({connection.pk: lines}))
    card = {"connection": connection, "budget": budget_of(connection.lane), "checks": lines}
    return render(request, "dashboard/_connection.html", card)


def _context(checked: dict[uuid.UUID, list[CheckLine]]) -> dict[str, object]:
    rows = Connection.objects.select_related("lane").order_by("created_at")
    cards = [{"connection": one, "budget": budget_of(one.lane), "checks": checked.get(one.pk)} for one in rows]
    return {"cards": cards, "here": "connections"}
