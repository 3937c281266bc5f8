"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from dashboard.views import connections, flow, health, log, needs_you, organization, overview, preferences, record

app_name = "dashboard"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("run/", overview.run_all, name="run_all"),
    path("needs-you/", needs_you.needs_you, name="needs_you"),
    path("needs-you/<slug:key>/send/", needs_you.send_group, name="send_group"),
    path("needs-you/<uuid:pk>/choose/", needs_you.choose_match, name="choose_match"),
    path("log/", log.log, name="log"),
    path("log/export/", log.export, name="log_export"),
    path("log/<uuid:pk>/", record.record, name="record"),
    path("log/<uuid:pk>/send/", record.send_again, name="send_again"),
    path("log/<uuid:pk>/set-aside/", record.set_aside, name="set_aside"),
    path("flows/<uuid:pk>/", flow.flow, name="flow"),
    path("flows/<uuid:pk>/map/", flow.field_map, name="flow_map"),
    path("flows/<uuid:pk>/tables/", flow.tables, name="flow_tables"),
    path("flows/<uuid:pk>/tables/<uuid:table_pk>/pairs/", flow.add_pair, name="add_pair"),
    path("flows/<uuid:pk>/settings/", flow.settings, name="flow_settings"),
    path("flows/<uuid:pk>/run/", flow.run_now, name="run_now"),
    path("flows/<uuid:pk>/pause/", flow.pause, name="pause_flow"),
    path("flows/<uuid:pk>/resume/", flow.resume, name="resume_flow"),
    path("setup/", include("dashboard.setup.urls")),
    path("connections/", connections.connections, name="connections"),
    path("connections/<uuid:pk>/check/", connections.check, name="check_connection"),
    path("organization/", organization.switch, name="switch_organization"),
    path("organization/new/", organization.new, name="new_organization"),
    path("theme/", preferences.theme, name="theme"),
    path("language/", preferences.language, name="language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
