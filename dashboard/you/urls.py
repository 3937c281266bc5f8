"""Addresses of a person's own pages and of invitations."""

from __future__ import annotations

from django.urls import path

from dashboard.you import views, views_join

app_name = "you"
urlpatterns = [
    path("you/", views.profile, name="profile"),
    path("you/second-step/", views.second_step, name="second_step"),
    path("you/delete/", views.delete_account, name="delete_account"),
    path("join/", views_join.join, name="join"),
    # a path, so that an address with something more behind it is no 404, which would be logged with the token in it
    path("join/<uuid:organization_pk>/<path:token>", views_join.follow, name="invitation_link"),
]
