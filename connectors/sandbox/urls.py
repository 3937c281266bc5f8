"""Addresses of the two fakes, one path prefix per host of the real systems."""

from __future__ import annotations

from django.urls import URLResolver, include, path

urlpatterns: list[URLResolver] = [
    path("teamleader/", include("connectors.sandbox.teamleader.urls")),
    path("visma-net/", include("connectors.sandbox.visma_net.urls")),
]
