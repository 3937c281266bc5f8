"""Telling people: in the app, by e-mail, to their own systems."""

from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apicenter.notifications"
    label = "notifications"
