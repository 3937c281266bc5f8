"""Addresses of the value tables."""

from __future__ import annotations

from django.urls import path

from dashboard.tables import views, views_csv

app_name = "tables"
urlpatterns = [
    path("", views.tables, name="all"),
    path("<uuid:pk>/", views.table, name="table"),
    path("<uuid:pk>/lists/", views.read_lists, name="lists"),
    path("<uuid:pk>/save/", views.save, name="save"),
    path("<uuid:pk>/add/", views.add, name="add"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
    path("<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("<uuid:pk>/rule/", views.rule, name="rule"),
    path("<uuid:pk>/undo/", views.undo, name="undo"),
    path("<uuid:pk>/export/", views_csv.export, name="export"),
    path("<uuid:pk>/import/", views_csv.import_file, name="import"),
]
