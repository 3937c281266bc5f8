"""Plans, trials and orders."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apicenter.billing"
    label = "billing"
