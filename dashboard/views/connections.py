"""The connections: whether they work, what is wrong, how many calls are left, what uses them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from connectors import services
from connectors.models import Connection
from connectors.upkeep import ConnectionInUse, remove, rename
from dashboard.access import MemberRequest, administers, changes, connection_for, in_organization
from dashboard.asked_again import asks_again_about
from dashboard.overview.connection_lines import ConnectionCard, connection_cards
from dashboard.partial import wants_part
from flows.connection_use import disconnect
from flows.services import wake_connection
from flows.triggers.instant import make_webhook_address


@in_organization
def connections(request: MemberRequest) -> HttpResponse:
    rows = Connection.objects.select_related("lane").order_by("created_at")
    return render(request, "dashboard/connections.html", {"cards": connection_cards(rows), "here": "connections"})


@changes
def check(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Try one connection live; when it works again, what waited for it goes on."""
    connection = connection_for(request, pk)
    services.check(connection)
    connection.refresh_from_db()
    if connection.state == Connection.State.OK:
        wake_connection(connection)
    if not wants_part(request):
        return redirect("dashboard:connections")
    return render(request, "dashboard/_connection.html", {"card": _card(connection)})


@changes
def rename_connection(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    connection = connection_for(request, pk)
    try:
        rename(connection, request.POST.get("name", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The name is saved."))
    return redirect("dashboard:connections")


@administers
@asks_again_about(connection_for, allow_get=True)
def disconnect_page(request: MemberRequest, connection: Connection) -> HttpResponse:
    """Ask once before access is erased, and say how many flows pause."""
    if request.method == "POST":
        paused = disconnect(connection)
        messages.success(request, _disconnected_words(connection, paused))
        return redirect("dashboard:connections")
    return render(request, "dashboard/disconnect.html", {"card": _card(connection), "here": "connections"})


@require_POST
@administers
@asks_again_about(connection_for)
def make_address(request: MemberRequest, connection: Connection) -> HttpResponse:
    """Make the address at which the connection's system may tell of changes."""
    make_webhook_address(connection)
    messages.success(request, _("The address stands on the connection now."))
    return redirect("dashboard:connections")


@require_POST
@administers
@asks_again_about(connection_for)
def remove_connection(request: MemberRequest, connection: Connection) -> HttpResponse:
    """Remove a connection that no flow uses."""
    try:
        remove(connection)
    except ConnectionInUse:
        messages.error(request, _("Flows still use this connection, so it stays. Disconnect it instead."))
    else:
        messages.success(request, _("%(name)s is removed.") % {"name": connection.name})
    return redirect("dashboard:connections")


def _card(connection: Connection) -> ConnectionCard:
    return connection_cards([connection])[0]


def _disconnected_words(connection: Connection, paused: int) -> str:
    said = _("%(name)s is disconnected.") % {"name": connection.name}
    if not paused:
        return said
    flows = ngettext("%(count)s flow is paused.", "%(count)s flows are paused.", paused) % {"count": paused}
    return f"{said} {flows}"
