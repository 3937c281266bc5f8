"""A short reference for every request: shown on error pages, written beside every log line of that request.

Somebody who asks for help names it, and whoever helps finds the lines.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is taken for something else when read out
GROUPS, LENGTH = 2, 4


def new_reference() -> str:
    """Return a reference such as "7F3A-9K2M"."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS))


class ReferenceMiddleware:
    """Gives each request its reference; first of all, so that nothing is logged without it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reference = new_reference()
        request.reference = reference  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(reference=reference):
            response = self._get_response(request)
        response["X-Reference"] = reference
        return response
