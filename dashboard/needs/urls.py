"""Addresses of what is done about a cause; the page itself and the oldest two are in dashboard/urls.py."""

from __future__ import annotations

from django.urls import path

from dashboard.needs import views, views_fix

app_name = "needs"
urlpatterns = [
    path("solved/", views.solved, name="solved"),
    path("aside/", views.aside, name="aside"),
    path("aside/send-again/", views.send_after_all, name="send_after_all"),
    path("<slug:key>/pair/", views_fix.pair, name="pair"),
    path("<slug:key>/item/", views_fix.item, name="item"),
    path("<slug:key>/retired/", views_fix.retired, name="retired"),
    path("<slug:key>/setting/", views_fix.setting, name="setting"),
    path("<slug:key>/records/", views.records, name="records"),
    path("<slug:key>/assign/", views.assign, name="assign"),
    path("<slug:key>/note/", views.note, name="note"),
    path("record/<uuid:pk>/answer/", views.rule, name="rule"),
    path("record/<uuid:pk>/compare/", views_fix.compare, name="compare"),
    path("record/<uuid:pk>/new/", views_fix.create_new, name="create_new"),
]
