"""`Idempotency-Key`: a write that is sent twice with the same key is done once, and answered the same both times."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from apicenter.api.failures import Conflict
from apicenter.api.models import ApiToken, IdempotentRequest

HEADER = "Idempotency-Key"
LONGEST = 100
ABANDONED = timedelta(minutes=10)  # a request that never came to its end: its key may be used again


class KeyReused(APIException):
    """The key stood for another request before."""

    status_code = 422
    default_code = "idempotency_key_reused"


def begin(request: HttpRequest, token: ApiToken) -> IdempotentRequest | None:
    """Return the row of this request's key: new, or with the answer given before. None without a key.

    Raises KeyReused for another request, Conflict while the first is still at work.
    """
    key = request.headers.get(HEADER, "").strip()
    if not key or request.method in {"GET", "HEAD", "OPTIONS"}:
        return None
    digest = _digest(request)
    IdempotentRequest.objects.filter(
        token=token, key=key[:LONGEST], status=None, created_at__lt=timezone.now() - ABANDONED
    ).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(token=token, key=key[:LONGEST], digest=digest)
    except IntegrityError:
        row = IdempotentRequest.objects.select_related("organization").get(token=token, key=key[:LONGEST])
    if row.digest != digest:
        raise KeyReused(_("This idempotency key was used for another request."))
    if row.status is None:
        raise Conflict(
            _("The first request with this idempotency key is still at work."), code="idempotency_in_progress"
        )
    return row


def finish(row: IdempotentRequest, status: int, data: Any) -> None:
    """Keep the answer; one that says "try again" is not kept, so that the next try is a real one."""
    if status >= 500 or status in {409, 429}:
        row.delete()
        return
    row.status = status
    row.seal(data)
    row.save(update_fields=["status", "answer"])


def _digest(request: HttpRequest) -> str:
    where = [request.method or "", request.get_full_path()]
    if request.content_type == "multipart/form-data":  # a file is not read twice, and its boundary is another each time
        parts = [*where, request.content_type, request.headers.get("Content-Length", "")]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
    parts = [*where, request.headers.get("Content-Type", "")]
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + request.body).hexdigest()
