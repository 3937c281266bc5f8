"""Addresses of the set-up. Those of a step name the environment: the demo company or one's own systems."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from connectors.models import Connection
from dashboard.setup import views_connect, views_flows, views_inquiry, views_questions, views_start


class EnvironmentConverter:
    """The environment a set-up is for, or the id of a connection with files."""

    regex = "|".join((*Connection.Environment.values, "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"))

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
    path("guides/<slug:key>/send/", views_connect.send_steps, name="send_steps"),
    path("connections/<uuid:pk>/", views_connect.connection, name="connection"),
    path("connections/<uuid:pk>/consent/", views_connect.consent, name="consent"),
    path("connections/<uuid:pk>/check/", views_connect.check, name="check"),
    path("<environment:environment>/authorise/", views_connect.authorise, name="authorise"),
    path("<environment:environment>/connect/<slug:key>/", views_connect.connect, name="connect"),
    path("<environment:environment>/flows/", views_flows.flows, name="flows"),
    path("<environment:environment>/flows/<slug:kind>/", views_flows.choose, name="choose"),
    path("<environment:environment>/flows/<slug:kind>/found/", views_flows.found, name="found"),
    path("<environment:environment>/questions/", views_questions.questions, name="questions"),
    path("<environment:environment>/questions/confirm/", views_questions.confirm, name="confirm"),
    path("tables/<uuid:pk>/", views_questions.answer, name="answer"),
    path("tables/<uuid:pk>/ask/", views_questions.ask, name="ask"),
    path("questions/<uuid:pk>/revoke/", views_questions.revoke, name="revoke"),
    path("answer/<str:token>/", views_inquiry.inquiry, name="inquiry"),
    path("flows/<uuid:pk>/settings/", views_questions.settings, name="settings"),
    path("<environment:environment>/readiness/<str:key>/", views_start.readiness, name="readiness"),
    path("<environment:environment>/test/", views_start.test, name="test"),
    path("<environment:environment>/activate/", views_start.activate, name="activate"),
    path("<environment:environment>/done/", views_start.done, name="done"),
]
