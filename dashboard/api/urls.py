"""Addresses of the public API: /api/v1/…"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from apicenter.api import schema  # noqa: F401 - registers itself, where a worker need not load it
from apicenter.api.failures import not_found
from dashboard.api.connections import ConnectionView, IntegrationView, OrganizationView
from dashboard.api.deliveries import delivery
from dashboard.api.files import FileView
from dashboard.api.flows import FlowView
from dashboard.api.hooks import hook
from dashboard.api.needs_you import NeedsYouView
from dashboard.api.records import RecordView
from dashboard.api.runs import RunView
from dashboard.api.tables import TableView

router = SimpleRouter()
router.register("connections", ConnectionView, basename="connection")
router.register("files", FileView, basename="file")
router.register("integrations", IntegrationView, basename="integration")
router.register("flows", FlowView, basename="flow")
router.register("tables", TableView, basename="table")
router.register("runs", RunView, basename="run")
router.register("records", RecordView, basename="record")
router.register("needs-you", NeedsYouView, basename="cause")

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/organization/", OrganizationView.as_view({"get": "retrieve"}), name="organization"),
    path("v1/", include(router.urls)),
    path(
        "schema.json",
        SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="schema",
    ),
    path("hooks/<str:secret>/", hook, name="hook"),
    path("deliveries/<str:secret>/", delivery, name="delivery"),
    re_path(r"^v1/.*$", not_found),
]
