"""Addresses of the help."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.help import views

app_name = "help"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.article, name="article"),
]
