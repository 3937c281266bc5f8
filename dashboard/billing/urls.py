"""Addresses of plan, orders and use."""

from __future__ import annotations

from django.urls import path

from dashboard.billing import views

app_name = "billing"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("order/", views.order_plan, name="order_plan"),
    path("cancel/", views.cancel, name="cancel"),
    path("keep/", views.keep, name="keep"),
    path("onboarding/", views.onboarding, name="onboarding"),
    path("orders/<uuid:pk>/", views.order, name="order"),
    path("use/", views.use, name="use"),
]
