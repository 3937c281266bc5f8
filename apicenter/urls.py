"""Every address of the platform."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from dashboard.you import views_keys

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", views_keys.remove, name="mfa_remove_webauthn"),
    path("accounts/2fa/webauthn/keys/<int:pk>/edit/", views_keys.edit, name="mfa_edit_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("api/", include("dashboard.api.urls")),
    path("", include("dashboard.urls")),
]
handler400 = "dashboard.views.errors.bad_request"
handler403 = "dashboard.views.errors.permission_denied"
handler404 = "dashboard.views.errors.page_not_found"
handler429 = "dashboard.views.errors.too_many_requests"
handler500 = "dashboard.views.errors.server_error"
if settings.ENV.SANDBOX_ENABLED:
    urlpatterns.append(path("sandbox/", include("connectors.sandbox.urls")))
