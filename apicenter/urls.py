"""Every address of the platform."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("", include("dashboard.urls")),
]
if settings.ENV.SANDBOX_ENABLED:
    urlpatterns.append(path("sandbox/", include("connectors.sandbox.urls")))
