"""Addresses of the two fakes, one path prefix per host of the real systems."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
