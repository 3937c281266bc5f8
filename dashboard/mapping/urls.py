"""Addresses of the mapping editor, below the flow's."""

from __future__ import annotations

from django.urls import path, re_path

from dashboard.mapping import views, views_history

urlpatterns = [
    path("edit/", views.edit, name="map_edit"),
    re_path(r"^draft/(?P<what>undo|redo|discard|new)/$", views.change_draft, name="map_draft"),
    path("pair/", views.set_pair, name="map_pair"),
    path("trial/", views_history.trial, name="map_trial"),
    path("publish/", views.publish, name="map_publish"),
    path("publish/now/", views.publish_now, name="map_publish_now"),
    path("history/", views_history.history, name="map_history"),
    path("history/<int:number>/restore/", views_history.restore, name="map_restore"),
    path("history/<int:number>/copy/", views_history.copy, name="map_copy"),
]
