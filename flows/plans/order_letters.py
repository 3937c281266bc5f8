"""The letters about an order: to the customer's owners and admins, and to whoever runs the installation."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from apicenter.billing.letters import write_to_administrators, write_to_operator
from apicenter.billing.models import Order
from apicenter.billing.prices import money
from apicenter.billing.vat import Vat, VatRule
from apicenter.organizations.models import Organization
from apicenter.tenancy import current_organization_id


def tell_about_order(order: Order) -> None:
    """Confirm it to owners and admins, and tell the operator what is to be done.

    Nothing is sent to the address for invoices: anybody could type in somebody else's.
    """
    write_to_administrators("order_confirmed", lambda: _facts(order))
    write_to_operator("order_received", lambda: _facts(order))


def tell_about_cancellation(ends_at: datetime) -> None:
    """Confirm to owners and admins, and to the operator, when the plan ends."""
    company = _company()

    def facts() -> dict[str, Any]:
        return {"ends_on": _day(ends_at), "company": company, "keep_days": settings.ENV.KEEP_DAYS}

    write_to_administrators("plan_cancelled", facts)
    write_to_operator("plan_cancelled", facts)


def _facts(order: Order) -> dict[str, Any]:
    vat = Vat(VatRule(order.vat_rule), order.vat_percent)

    def written(amount: Decimal) -> str:
        return money(amount, order.currency)

    return {
        "reference": order.reference,
        "is_plan": order.kind == Order.Kind.PLAN,
        "is_yearly": order.period == "year",
        "customer": _company(),
        "who": order.who,
        "lines": [
            {
                "text": line.text,
                "amount": written(line.amount),
                "is_once": line.is_once,
                "until": _day(line.until_at) if line.until_at else "",
            }
            for line in order.lines.all()
        ],
        "total": written(order.amount),
        "vat": written(vat.of(order.amount)) if vat.percent else "",
        "vat_percent": f"{order.vat_percent.normalize():f}",
        "vat_note": vat.note,
        "total_with_vat": written(order.amount + vat.of(order.amount)),
        "starts_on": _day(order.starts_at),
        "details": order.details,
        "wishes": order.wishes,
    }


def _company() -> str:
    return Organization.objects.get(pk=current_organization_id()).name


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
