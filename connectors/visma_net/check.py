"""The live check: every right the flows need is tried, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError
from connectors.base import CheckResult, Finding, Text
from connectors.visma_net.api import Erp
from connectors.visma_net.read_values import SYSTEM

ONE = {"pageNumber": 1, "pageSize": 1}
ORDERS = _("Access to the sales order service")


ORDER_SERVICE = "visma.net.erp.salesorder:read, visma.net.erp.salesorder:write"
ERP_SERVICE = "vismanet_erp_service_api:read, create, update"


def check_company(erp: Erp) -> list[CheckResult]:
    """Try one cheap read per right. Writing cannot be tried without leaving something behind."""
    return [_with_scope(_try(what, call, is_needed=is_needed)) for what, call, is_needed in _steps(erp)]


def _with_scope(result: CheckResult) -> CheckResult:
    """Say which scopes a right takes, when it is one that is missing."""
    if result.code not in {"permission.missing", "credentials.wrong", "tenant.wrong"}:
        return result
    scope = ORDER_SERVICE if result.what == ORDERS else ERP_SERVICE
    needs = gettext(
        "Needed: the scopes %(scopes)s, approved for your company by its integration administrator in the Visma App "
        "Store."
    )
    return replace(result, needs=needs % {"scopes": scope})


def _steps(erp: Erp) -> list[tuple[Text, Callable[[], Any], bool]]:
    orders_v3 = ("GET", "/api/v3/SalesOrders")
    steps: list[tuple[Text, Callable[[], Any], bool]] = [
        (_("Access to the ERP, and the company"), lambda: erp.organization, True),
        (_("Reading items"), lambda: erp.rows("/v1/inventory", ONE), True),
        (_("Reading customers"), lambda: erp.rows("/v1/customer", ONE), False),
        (_("Reading VAT categories"), lambda: erp.rows("/v1/vatCategory"), True),
        (_("Reading branches"), lambda: erp.rows("/v1/branch"), True),
    ]
    if erp.settings.get("order_api") == "v2":
        steps.append((_("Reading sales orders"), lambda: erp.rows("/v2/salesorder", ONE), False))
    else:
        query = {"pageSize": 1, "pageIndex": 0}
        steps.append((ORDERS, lambda: erp.api.call(*orders_v3, host="order", query=query), False))
    return steps


def _try(what: Text, call: Callable[[], Any], *, is_needed: bool) -> CheckResult:
    try:
        found = call()
    except ApicenterError as error:
        params = {name: str(value) for name, value in error.params.items()}
        return CheckResult(what, Finding.BAD, error.code, params, error.detail)
    if is_needed and not found:  # a wrong company answers with success and nothing in it
        return CheckResult(what, Finding.WARN, "connection.empty", {"system": SYSTEM, "what": gettext("records")})
    return CheckResult(what, Finding.OK)
