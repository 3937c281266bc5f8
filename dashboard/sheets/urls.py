"""Addresses of files in place of a system."""

from __future__ import annotations

from django.urls import path

from dashboard.sheets import views

app_name = "sheets"
urlpatterns = [
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.files, name="files"),
    path("<uuid:pk>/upload/<slug:kind>/", views.upload, name="upload"),
    path("sheets/<uuid:pk>/", views.columns, name="columns"),
    path("sheets/<uuid:pk>/read/", views.read_again, name="read"),
    path("sheets/<uuid:pk>/delete/", views.remove, name="delete"),
    path("sheets/<uuid:pk>/file.<slug:extension>", views.download, name="download"),
]
