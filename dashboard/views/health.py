"""For the machines that watch over us: is the process there, and can it work."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from flows.watching.watchdog import look_now_and_then


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain; charset=utf-8")
    if waiting:
        return HttpResponse("migrations\n", status=503, content_type="text/plain; charset=utf-8")
    look_now_and_then()  # somebody must notice when those who notice everything else have died
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
