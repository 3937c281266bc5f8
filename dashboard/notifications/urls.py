"""Addresses of messages and of who is told what."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.notifications import views_inbox, views_links, views_settings, views_webhooks

app_name = "notifications"
urlpatterns: list[URLPattern] = [
    path("", views_inbox.inbox, name="inbox"),
    path("bell/", views_inbox.bell, name="bell"),
    path("read/", views_inbox.read_all, name="read_all"),
    path("<uuid:pk>/", views_inbox.message, name="message"),
    path("<uuid:pk>/read/", views_inbox.read_one, name="read_one"),
    path("<uuid:pk>/take/", views_inbox.take_care, name="take_care"),
    path("in/<uuid:pk>/", views_inbox.open_in, name="open"),
    path("link/<str:token>/", views_links.link, name="link"),
    path("mine/", views_settings.mine, name="mine"),
    path("mine/pause/", views_settings.pause, name="pause"),
    path("mine/test/", views_settings.test, name="test"),
    path("company/", views_settings.company, name="company"),
    path("webhooks/", views_webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:pk>/", views_webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/secret/", views_webhooks.rotate, name="rotate_secret"),
    path("webhooks/<uuid:pk>/test/", views_webhooks.test, name="test_webhook"),
    path("webhooks/<uuid:pk>/switch/", views_webhooks.switch, name="switch_webhook"),
    path("webhooks/<uuid:pk>/remove/", views_webhooks.remove, name="remove_webhook"),
    path("given-up/<uuid:pk>/send/", views_webhooks.try_again, name="try_again"),
]
