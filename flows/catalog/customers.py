"""Customers: companies and persons of a CRM become customers of an ERP, matched by a ladder of keys, never by guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, SourceRecord, Target
from connectors.core import Customer
from connectors.maps import NoPair
from flows.catalog.base import FlowKind, FlowSettings, Resolved, TableSpec, with_resolved

if TYPE_CHECKING:
    from flows.work import Work


class CustomerSettings(FlowSettings):
    """Settings of anything that makes customers."""

    update_customers: bool = True
    default_credit_terms: str = ""
    ladder: tuple[str, ...] = ("vat_number", "registration_number", "email")


CUSTOMER_TABLES = (
    TableSpec(
        "customer_class",
        _("Customer class for companies and persons"),
        "",
        "customer_classes",
        keys=(("company", _("Companies")), ("person", _("Private persons"))),
    ),
    TableSpec(
        "credit_terms",
        _("Payment terms"),
        "payment_terms",
        "credit_terms",
        NoPair.DEFAULT,
        default_setting="default_credit_terms",
    ),
    TableSpec("vat_zone", _("VAT zone per country and kind of customer"), "", "vat_zones", NoPair.DEFAULT),
)


def find_by_ladder(target: Target, customer: Customer, ladder: Sequence[str]) -> list[Existing]:
    """Return what the first rung with a hit finds; a rung without a value is passed over."""
    for rung in ladder:
        value = getattr(customer, rung)
        if not value:
            continue
        found = target.find(rung, value)
        if found:
            return found
    return []


def resolve_customers(work: Work, kind: str, records: Sequence[SourceRecord], ladder: Sequence[str]) -> list[Resolved]:
    """Look every customer up by the ladder, overlapped."""
    target = work.target(kind)

    def look_up(record: SourceRecord) -> list[Existing]:
        assert isinstance(record.core, Customer)
        return find_by_ladder(target, record.core, ladder)

    hits = work.target_side.api.overlap(look_up, list(records))
    return [
        Resolved(with_resolved(record, reference=work.reference(kind, record.key)), tuple(existing))
        for record, existing in zip(records, hits, strict=True)
    ]


class CustomersFlow(FlowKind):
    key = "customers"
    title = _("Customers")
    source_kind = "customers"
    resources = ("customers",)
    settings_model = CustomerSettings
    tables = CUSTOMER_TABLES

    def updates(self, kind: str, settings: Any) -> bool:
        return bool(settings.update_customers)

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        return resolve_customers(work, kind, records, work.settings.ladder)  # type: ignore[attr-defined]
