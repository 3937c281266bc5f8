"""A price list and an organization with one paying flow, for the tests of trial, plan and orders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apicenter.billing.details import Details
from apicenter.billing.models import Order
from apicenter.billing.prices import PriceList
from connectors.models import Connection
from flows.models import Flow
from flows.plans.ordering import order_plan
from tests.factories import make_connection, make_flow

NOW = datetime(2026, 11, 13, 16, 12, tzinfo=UTC)
PRICES = PriceList(
    per_flow=Decimal("29.00"),
    kinds={"customers": Decimal("19.00")},
    yearly_free_months=2,
    onboarding=Decimal("495.00"),
    vat_percent=Decimal(21),
)
DETAILS: dict[str, str] = {
    "company": "Verhaegen Licht NV",
    "street": "Kortrijksesteenweg 12",
    "postal_code": "9000",
    "city": "Gent",
    "country": "BE",
    "vat_number": "BE 0417.497.106",
    "email": "facturen@verhaegen.example",
    "reference": "",
}


def charge(env: Callable[..., None], **values: Any) -> None:
    """Let the operator set prices, as production would."""
    env(**{"PLANS": PRICES, "OPERATOR_EMAIL": "operator@example.com", "OPERATOR_COUNTRY": "BE", **values})


def make_demo_flow(kind: str = "products", **values: Any) -> Flow:
    """A flow of the demo company."""
    ends = {
        name: make_connection(connector, environment=Connection.Environment.SANDBOX)
        for name, connector in (("source", "visma_net"), ("target", "teamleader"))
    }
    return make_flow(kind, **ends, **values)


def place(flows: list[Flow], total: str, *, now: datetime, period: str = "month", **values: Any) -> Order:
    return order_plan(
        flows,
        period=period,
        details=Details(**DETAILS),
        key=values.pop("key", None) or uuid.uuid4(),
        seen_total=Decimal(total),
        now=now,
    )
