"""Addresses of the set-up. Those of a step name the environment: the demo company or one's own systems."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from connectors.models import Connection
from dashboard.setup import views_connect, views_flows, views_start


class EnvironmentConverter:
    """The environment a set-up is for."""

    regex = "|".join(Connection.Environment.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(EnvironmentConverter, "environment")

app_name = "setup"
urlpatterns: list[URLPattern] = [
    path("", views_connect.start, name="start"),
    path("systems/", views_connect.systems, name="systems"),
    path("teamleader/callback/", views_connect.callback, name="callback"),
    path("connections/<uuid:pk>/", views_connect.connection, name="connection"),
    path("connections/<uuid:pk>/consent/", views_connect.consent, name="consent"),
    path("connections/<uuid:pk>/check/", views_connect.check, name="check"),
    path("<environment:environment>/authorise/", views_connect.authorise, name="authorise"),
    path("<environment:environment>/connect/<slug:key>/", views_connect.connect, name="connect"),
    path("<environment:environment>/flows/", views_flows.flows, name="flows"),
    path("<environment:environment>/questions/", views_flows.questions, name="questions"),
    path("tables/<uuid:pk>/", views_flows.answer, name="answer"),
    path("flows/<uuid:pk>/settings/", views_flows.settings, name="settings"),
    path("<environment:environment>/test/", views_start.test, name="test"),
    path("<environment:environment>/activate/", views_start.activate, name="activate"),
    path("<environment:environment>/done/", views_start.done, name="done"),
]
