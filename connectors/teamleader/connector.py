"""Teamleader Focus: CRM and invoicing. The README beside this file lists its quirks."""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import gettext_lazy as _

from apicenter.errors import PermissionMissing
from connectors.base import AccountInfo, AuthKind, AuthSpec, CheckResult, Connector, FormField, Option, RateLimit
from connectors.teamleader import lookups
from connectors.teamleader.api import FocusApi
from connectors.teamleader.categories import CategorySource
from connectors.teamleader.checks import run_checks
from connectors.teamleader.credit_notes import CreditNoteSource
from connectors.teamleader.customers import CustomerSource
from connectors.teamleader.deals import DealTarget
from connectors.teamleader.dialect import FocusDialect
from connectors.teamleader.invoices import InvoiceSource
from connectors.teamleader.orders import OrderSource
from connectors.teamleader.payments import PaymentTarget
from connectors.teamleader.products import ProductSource, ProductTarget
from connectors.teamleader.read_values import SYSTEM
from connectors.teamleader.stock import StockTarget
from connectors.teamleader.webhooks import FocusWebhooks


class Teamleader(Connector):
    """One account. Settings: "department_id", "page_size", "company_contacts", "time_zone"."""

    key = "teamleader"
    title = SYSTEM
    auth = AuthSpec(
        kind=AuthKind.OAUTH_CODE,
        token_host="auth",  # noqa: S106 - a host's name
        token_path="/oauth2/access_token",  # noqa: S106
        authorize_path="/oauth2/authorize",
        body="form",
    )
    hosts = {"api": "TEAMLEADER_API_URL", "auth": "TEAMLEADER_AUTH_URL"}
    rate_limit = RateLimit(200, 60)
    quiet_setting = "TEAMLEADER_QUIET_SECONDS"
    dialect = FocusDialect()
    form = (
        FormField(
            "client_id",
            _("Client id"),
            _("Only if this platform has no integration of its own registered with Teamleader."),
            is_required=False,
        ),
        FormField(
            "client_secret",
            _("Client secret"),
            _("Stands beside the client id on the page of your integration in the Teamleader marketplace."),
            is_secret=True,
            is_required=False,
        ),
    )
    sources = {
        source.kind: source
        for source in (
            CustomerSource,
            OrderSource,
            ProductSource,
            CategorySource,
            InvoiceSource,
            CreditNoteSource,
        )
    }
    targets = {target.kind: target for target in (ProductTarget, StockTarget, DealTarget, PaymentTarget)}
    option_lists = lookups.NAMES
    webhooks = FocusWebhooks

    @cached_property
    def focus(self) -> FocusApi:
        """The calls of this API, for what is neither a source nor a target: payments, webhooks."""
        return FocusApi.of(self)

    def account(self) -> AccountInfo:
        user = self.focus.data("users.me")
        try:
            department = lookups.default_department(self.focus) or {}
        except PermissionMissing:
            department = {}
        # users.me names the account by its id only; its first department carries the company's name
        name = user["account"].get("name") or department.get("name") or user.get("email") or user["account"]["id"]
        return AccountInfo(id=user["account"]["id"], name=name, currency=department.get("currency") or "")

    def check(self) -> list[CheckResult]:
        return run_checks(self.focus)

    def options(self, name: str) -> list[Option]:
        return lookups.list_options(self.focus, name, department_id=str(self.settings.get("department_id") or ""))
