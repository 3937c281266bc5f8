"""Addresses of the pages about the company itself."""

from __future__ import annotations

from django.urls import path

from dashboard.company import views_end, views_settings, views_team, views_trail

app_name = "company"
urlpatterns = [
    path("settings/", views_settings.settings_page, name="settings"),
    path("team/", views_team.team, name="team"),
    path("team/invite/", views_team.invite, name="invite"),
    path("team/leave/", views_team.leave, name="leave"),
    path("team/<uuid:pk>/role/", views_team.change_role, name="change_role"),
    path("team/<uuid:pk>/remove/", views_team.remove, name="remove"),
    path("team/<uuid:pk>/hand-over/", views_team.hand_over, name="hand_over"),
    path("team/invitations/<uuid:pk>/send/", views_team.send_again, name="send_again"),
    path("team/invitations/<uuid:pk>/withdraw/", views_team.withdraw, name="withdraw"),
    path("trail/", views_trail.trail, name="trail"),
    path("trail/export/", views_trail.export, name="trail_export"),
    path("data/", views_end.data, name="data"),
    path("data/export/", views_end.export, name="export"),
    path("data/delete/", views_end.delete, name="delete"),
]
