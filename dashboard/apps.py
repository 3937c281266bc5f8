"""The pages; they also write the messages, as they know the words and the addresses."""

from __future__ import annotations

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from apicenter.notifications import letters  # models are not loaded when apps are listed
        from dashboard.notifications.composer import PageComposer

        letters.use(PageComposer())
