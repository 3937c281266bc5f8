"""Which article helps on which page."""

from __future__ import annotations

from django.urls import reverse

# The name of a page, or the namespace it lies in; the longest that fits counts.
PAGES = {
    "dashboard:overview": "accounting-equation",
    "dashboard:needs_you": "needs-you",
    "dashboard:needs": "needs-you",
    "dashboard:log": "log-and-record",
    "dashboard:record": "log-and-record",
    "dashboard:run": "log-and-record",
    "dashboard:flow": "products-flow",
    "dashboard:flow_map": "field-mapping",
    "dashboard:map_edit": "field-mapping",
    "dashboard:map_trial": "field-mapping",
    "dashboard:map_publish": "field-mapping",
    "dashboard:map_publish_now": "field-mapping",
    "dashboard:map_history": "field-mapping",
    "dashboard:flow_tables": "value-tables",
    "dashboard:tables": "value-tables",
    "dashboard:flow_settings": "filters-and-settings",
    "dashboard:flow_filters": "filters-and-settings",
    "dashboard:save_filters": "filters-and-settings",
    "dashboard:save_flow_settings": "filters-and-settings",
    "dashboard:rename_flow": "filters-and-settings",
    "dashboard:ask_delete_flow": "filters-and-settings",
    "dashboard:delete_flow": "filters-and-settings",
    "dashboard:flow_schedule": "schedule-and-pause",
    "dashboard:save_schedule": "schedule-and-pause",
    "dashboard:flow_check": "how-changes-reach-us",
    "dashboard:check_flow_now": "how-changes-reach-us",
    "dashboard:save_check": "how-changes-reach-us",
    "dashboard:flow_backfill": "schedule-and-pause",
    "dashboard:begin_backfill": "schedule-and-pause",
    "dashboard:connections": "connect-visma-net",
    "dashboard:disconnect_connection": "security",
    "dashboard:sheets": "spreadsheets",
    "dashboard:new_organization": "first-steps",
    "dashboard:setup": "first-steps",
    "dashboard:company": "team-and-sign-in",
    "dashboard:company:trail": "security",
    "dashboard:company:settings": "security",
    "dashboard:company:data": "security",
    "dashboard:you": "team-and-sign-in",
    "dashboard:notifications": "notifications",
    "dashboard:billing": "trial-and-plan",
    "dashboard:api_tokens": "api",
    "dashboard:api_reference": "api",
    "dashboard:help": "",
}
# The page of a flow is about what flows there.
FLOW_PAGE = "dashboard:flow"
KINDS = {
    "products": "products-flow",
    "stock": "stock-flow",
    "categories": "categories-flow",
    "orders": "orders-flow",
    "customers": "customers-flow",
    "invoices": "invoices-flow",
    "order_status": "order-status-flow",
    "payments": "payments-flow",
}
# The form for the access to a system is about that system.
CONNECT_PAGE = "dashboard:setup:connect"
CONNECTORS = {"spreadsheet": "spreadsheets", "teamleader": "connect-teamleader", "visma_net": "connect-visma-net"}


def slug_for(view_name: str, *, kind: str = "", connector: str = "") -> str:
    """Return the article for a page, "" for the list of all."""
    if view_name == FLOW_PAGE and kind in KINDS:
        return KINDS[kind]
    if view_name == CONNECT_PAGE and connector in CONNECTORS:
        return CONNECTORS[connector]
    name = view_name
    while name:
        if name in PAGES:
            return PAGES[name]
        name = name.rpartition(":")[0]
    return ""


def address_for(view_name: str, *, kind: str = "", connector: str = "") -> str:
    """Return the address of the help for a page."""
    slug = slug_for(view_name, kind=kind, connector=connector)
    return reverse("dashboard:help:article", args=[slug]) if slug else reverse("dashboard:help:index")
