"""Hands a call to the route table of its host."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from connectors.sandbox.front import Incoming, Reply, serve
from connectors.sandbox.visma_net import (
    aftersales_calls,
    customer_documents,
    customers,
    inventory,
    invoices,
    journal,
    lookups,
    order_calls,
    orders_v3,
    people,
    sales_prices,
    stock_v3,
)
from connectors.sandbox.visma_net.asking import RouteTable
from connectors.sandbox.visma_net.dialect import ERP, ORDERS, Gateway
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.store import company_number

ERP_ROUTES = RouteTable(
    (
        *lookups.ROUTES,
        *inventory.ROUTES,
        *sales_prices.ROUTES,
        *customers.ROUTES,
        *people.ROUTES,
        *order_calls.ROUTES,
        *invoices.ROUTES,
        *customer_documents.ROUTES,
        *aftersales_calls.ROUTES,
        *journal.ROUTES,
    )
)
ORDER_ROUTES = RouteTable((*orders_v3.ROUTES, *stock_v3.ROUTES))
ERP_VERBS = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


@csrf_exempt
def erp(request: HttpRequest, path: str) -> HttpResponse:
    """Answer a call to api.finance.visma.net."""
    # An action changes a document that is there; only releasing a batch counts as creating.
    verb = ERP_VERBS.get(request.method or "", "read")
    if "/action/" in path.lower() and not path.lower().startswith("v2/journaltransaction"):
        verb = "update"
    return _serve(request, path, ERP_ROUTES, dialect=ERP, scope=f"vismanet_erp_service_api:{verb}", host="erp")


@csrf_exempt
def sales_orders(request: HttpRequest, path: str) -> HttpResponse:
    """Answer a call to salesorder.visma.net."""
    scope = f"visma.net.erp.salesorder:{'read' if request.method == 'GET' else 'write'}"
    return _serve(request, path, ORDER_ROUTES, dialect=ORDERS, scope=scope, host="salesorder")


def _serve(
    request: HttpRequest, path: str, routes: RouteTable, *, dialect: Gateway, scope: str, host: str
) -> HttpResponse:
    prefix = request.path.partition(f"/{host}/")[0]
    base_url = request.build_absolute_uri(f"{prefix}/{host}")

    def respond(incoming: Incoming) -> Reply:
        if _is_other_company(incoming):
            return Reply(200, [])
        try:
            return routes.answer(incoming, path, base_url=base_url)
        except Refused as error:
            return dialect.refusal(error)

    return serve(request, dialect=dialect, scope=scope, respond=respond)


def _is_other_company(incoming: Incoming) -> bool:
    """A company number that is not the token's company gives an empty success, which has fooled many."""
    wanted = incoming.headers.get("ipp-company-id", "").strip()
    return bool(wanted) and wanted != str(company_number(incoming.account))
