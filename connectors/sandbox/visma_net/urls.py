"""Addresses of the fake Visma.net: one prefix per real host."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from connectors.sandbox.visma_net import connect, views

urlpatterns: list[URLPattern] = [
    path("connect/connect/token", connect.token),
    re_path(r"^erp/(?P<path>[vV][12]/.+)$", views.erp),
    re_path(r"^salesorder/(?P<path>[aA][pP][iI]/[vV]3/.+)$", views.sales_orders),
]
