"""The addresses of the platform and one that fails."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from apicenter.urls import handler400, handler403, handler404, handler500
from apicenter.urls import urlpatterns as usual

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [*usual, path("broken/", broken)]
