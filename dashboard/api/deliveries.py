"""Where the connected systems knock: `POST /api/deliveries/<secret>/` says that something changed."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from flows.triggers.hints import take_delivery

LARGEST_BODY = 64 * 1024
MOST_PER_MINUTE = 600


@never_cache
@csrf_exempt
@require_POST
def delivery(request: HttpRequest, secret: str) -> HttpResponse:
    """Take a delivery in and answer at once: 200 without a word, whatever it said; 404 where nobody lives."""
    size = str(request.META.get("CONTENT_LENGTH") or "0")
    if not size.isdecimal() or int(size) > LARGEST_BODY:  # without a length there is no body
        return HttpResponse(status=413)
    if _is_too_often(secret):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpResponse(status=200 if take_delivery(secret, request.body, headers) else 404)


def _is_too_often(secret: str) -> bool:
    key = "delivery-" + hashlib.sha256(secret.encode()).hexdigest()
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > MOST_PER_MINUTE
    except ValueError:  # lapsed between the two
        return False
