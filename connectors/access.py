"""The way from a request to a connection: through the organizations its user belongs to, or a 404."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from connectors.models import Connection


def connections_for(request: HttpRequest) -> QuerySet[Connection]:
    """Return the connections of the organization in context, if the user belongs to it."""
    return Connection.objects.filter(organization__members=request.user).order_by("name")  # type: ignore[misc]


def connection_for(request: HttpRequest, pk: uuid.UUID) -> Connection:
    """Return one of them, or raise Http404."""
    return get_object_or_404(connections_for(request), pk=pk)
