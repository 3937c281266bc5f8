"""Addresses that only take forms, opened as a page: by a reload, by the way back after signing in, or by hand."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from dashboard.views.errors import only_sent

NOT_ALLOWED = 405


class FormsOnly:
    """Django answers such a request with an empty page; people get one that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_empty = isinstance(response, HttpResponse) and not response.content
        return only_sent(request, response) if response.status_code == NOT_ALLOWED and is_empty else response
