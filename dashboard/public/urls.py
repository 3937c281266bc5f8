"""Addresses that anybody may open, besides the front page."""

from __future__ import annotations

from django.urls import path

from dashboard.public import pages

app_name = "public"
urlpatterns = [
    path("privacy/", pages.privacy, name="privacy"),
    path("data-processing/", pages.data_processing, name="data_processing"),
    path("terms/", pages.terms, name="terms"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
]
