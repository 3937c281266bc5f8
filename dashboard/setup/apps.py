"""The set-up; it keeps rows of its own, and so forgets them when the log is cleared."""

from __future__ import annotations

from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "dashboard.setup"
    label = "setup"

    def ready(self) -> None:
        from dashboard.setup.inquiries import forget_inquiries  # models are not loaded when apps are listed
        from flows.log.retention import purging

        purging.connect(forget_inquiries, dispatch_uid="inquiries")
