"""Visma.net ERP: one connection is one company, reached by client credentials and the company's tenant id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import (
    AccountInfo,
    AuthKind,
    AuthSpec,
    CheckResult,
    Connector,
    FormField,
    Option,
    RateLimit,
    Source,
    Target,
)
from connectors.http import ApiClient, Dialect
from connectors.visma_net.api import Erp
from connectors.visma_net.cash_sales import CashSales
from connectors.visma_net.categories import ItemClasses, SalesCategories
from connectors.visma_net.check import check_company
from connectors.visma_net.credit_notes import CreditNotes
from connectors.visma_net.customers import Customers
from connectors.visma_net.dialect import VismaNetDialect
from connectors.visma_net.invoices import CustomerInvoices
from connectors.visma_net.journal import JournalTransactions
from connectors.visma_net.lookups import LISTS
from connectors.visma_net.order_status import OrderStatuses
from connectors.visma_net.payments import InvoicePayments
from connectors.visma_net.products import Products
from connectors.visma_net.read_values import read_id, read_text
from connectors.visma_net.sales_orders import SalesOrders
from connectors.visma_net.stock import Stock
from connectors.visma_net.webhooks import SECRET_FIELD, ErpWebhooks

UUID_PATTERN = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
ERP_SCOPE = " ".join(f"vismanet_erp_service_api:{right}" for right in ("read", "create", "update", "delete"))
ORDER_SCOPE = "visma.net.erp.salesorder:read visma.net.erp.salesorder:write"
OWN_APPLICATION = _("Leave empty to use the application of this platform.")


class VismaNet(Connector):
    """The company a tenant id stands for."""

    key: ClassVar[str] = "visma_net"
    title: ClassVar[str] = "Visma.net ERP"
    auth: ClassVar[AuthSpec] = AuthSpec(
        kind=AuthKind.CLIENT_CREDENTIALS,
        token_host="connect",  # noqa: S106 - a host's name
        token_path="/connect/token",  # noqa: S106
        audiences={"erp": ERP_SCOPE, "salesorder": ORDER_SCOPE},
        tenant_field="tenant_id",
    )
    hosts: ClassVar[Mapping[str, str]] = {
        "api": "VISMA_NET_API_URL",
        "order": "VISMA_NET_ORDER_URL",
        "connect": "VISMA_CONNECT_URL",
    }
    host_audience: ClassVar[Mapping[str, str]] = {"api": "erp", "order": "salesorder"}
    rate_limit: ClassVar[RateLimit] = RateLimit(None, 3600, is_sliding=False)
    parallel_setting = "VISMA_NET_PARALLEL_CALLS"
    clock_setting = "time_zone"
    quiet_setting: ClassVar[str] = "VISMA_NET_QUIET_SECONDS"
    deadline_seconds: ClassVar[float] = 60
    dialect: ClassVar[Dialect] = VismaNetDialect()
    form: ClassVar[tuple[FormField, ...]] = (
        FormField(
            "tenant_id",
            _("Tenant id"),
            _("The id of the company, not of the customer contract: Visma.net, Company information, Visma Connect."),
            pattern=UUID_PATTERN,
        ),
        FormField("client_id", _("Client id"), OWN_APPLICATION, is_required=False),
        FormField("client_secret", _("Client secret"), OWN_APPLICATION, is_secret=True, is_required=False),
        FormField(
            "ipp_company_id",
            _("Company number"),
            _("Only for older agreements: sent as ipp-company-id with every call. Usually empty."),
            is_required=False,
            pattern="[0-9]*",
        ),
        FormField(
            "order_api",
            _("Sales orders through"),
            _("v3, the sales order service, unless your agreement still has v2 only: then enter v2. Empty is v3."),
            is_required=False,
            pattern="v[23]",
        ),
        FormField(
            SECRET_FIELD,
            _("Webhook secret"),
            _("Only for instant updates: the secret of the webhook subscription in the Visma Developer Portal."),
            is_secret=True,
            is_required=False,
        ),
    )
    sources: ClassVar[Mapping[str, type[Source]]] = {
        source.kind: source for source in (Products, Stock, OrderStatuses, InvoicePayments)
    }
    targets: ClassVar[Mapping[str, type[Target]]] = {
        target.kind: target
        for target in (
            Customers,
            SalesOrders,
            CustomerInvoices,
            CreditNotes,
            CashSales,
            JournalTransactions,
            ItemClasses,
            SalesCategories,
        )
    }
    option_lists: ClassVar[tuple[str, ...]] = tuple(LISTS)
    webhooks = ErpWebhooks

    def __init__(self, api: ApiClient, settings: Mapping[str, Any]) -> None:
        super().__init__(api, settings)
        self.erp = Erp(api, settings)

    def account(self) -> AccountInfo:
        organization = self.erp.organization
        return AccountInfo(
            id=str(self.settings.get("tenant_id") or ""),
            name=read_text(organization.get("name")) or read_text(organization.get("organizationCd")) or "",
            currency=self.erp.base_currency,
            country=read_id(organization.get("defaultCountry")) or "",
        )

    def check(self) -> list[CheckResult]:
        return check_company(self.erp)

    def options(self, name: str) -> list[Option]:
        return LISTS[name](self.erp)
