"""Where other programs knock: `POST /api/hooks/<secret>/` starts a flow."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apicenter.api.failures import body
from apicenter.errors import FlowError
from flows.triggers.hooks import call_hook

MOST_PER_MINUTE = 30


@never_cache
@csrf_exempt
@require_POST
def hook(request: HttpRequest, secret: str) -> JsonResponse:
    """Start the flow of this address. What the call carries is not read: it is a hint and nothing more."""
    if _is_too_often(secret):
        failure = JsonResponse(body("throttled", _("Too many calls. Try again in a minute.")), status=429)
        failure["Retry-After"] = "60"
        return failure
    try:
        run = call_hook(secret)
    except FlowError as error:
        return JsonResponse(body(error.code, str(error)), status=409)
    if run is None:
        return JsonResponse(body("not_found", _("There is nothing at this address.")), status=404)
    return JsonResponse({"run": str(run.pk)}, status=202)


def _is_too_often(secret: str) -> bool:
    key = "hook-" + hashlib.sha256(secret.encode()).hexdigest()
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > MOST_PER_MINUTE
    except ValueError:  # lapsed between the two
        return False
