"""Customers: companies and persons of a CRM become customers of an ERP, matched by a ladder of keys, never by guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apicenter.errors import RecordError
from connectors.base import Omitted, ReadRecord, SourceRecord
from connectors.core import Customer
from connectors.maps import FieldMap, NoPair, Step, ValueTableData, When
from flows.catalog.base import (
    FlowKind,
    FlowSettings,
    Given,
    KeySource,
    Resolved,
    TableSpec,
    keys_by_table,
    with_resolved,
)
from flows.catalog.customer_match import resolve_customers
from flows.catalog.one_off import is_one_off
from flows.catalog.presets import Preset
from flows.documents.vat_kinds import VAT_KIND_KEYS, zone_pair
from flows.engine import pairs
from flows.engine.fingerprint import hash_value
from flows.maps.sources import read_key

if TYPE_CHECKING:
    from flows.engine.work import Work


ON_HOLD, ACTIVE = "OnHold", "Active"
ENDING_HOLD = f"(!is_active && '{ON_HOLD}') || (resolved.ends_hold && '{ACTIVE}') || `null`"
TRIMMED = (Step(fn="trim"),)


class Inactive(StrEnum):
    """What becomes of a customer that is deactivated in the source."""

    LEAVE = "leave"
    ON_HOLD = "set_on_hold"


class CustomerSettings(FlowSettings):
    """Settings of anything that makes customers."""

    update_customers: bool = True
    send_contacts: bool = True
    send_locations: bool = True
    send_e_invoice_id: bool = False
    inactive_customers: Inactive = Inactive.LEAVE
    customer_number_field: str = (
        ""  # a custom field of companies that holds the number; empty: the target's series gives it
    )
    collective_customer: str = ""  # the number of the customer that one-off buyers share; empty: there is none
    collective_tag: str = ""
    collective_countries: str = ""  # "BE, NL"; empty: all
    credit_limit_field: str = ""  # a custom field of companies
    customer_class: Preset = Preset(uses_table=True, no_pair=NoPair.BLOCK)
    customer_price_class: Preset = Preset()
    sales_account: Preset = Preset()
    default_credit_terms: Preset = Preset(uses_table=True)
    vat_zone: Preset = Preset(uses_table=True)
    ladder: tuple[str, ...] = ("vat_number", "registration_number", "email")


KINDS = (("company", _("Companies")), ("person", _("Private persons")))
COUNTRY = KeySource("primary_address.country", _("Country of the customer"))
TAGS = KeySource("tags", _("Tags"))
CUSTOMER_TABLES = (
    TableSpec(
        "customer_class",
        _("Customer class for companies and persons"),
        "",
        "customer_classes",
        preset="customer_class",
        sources=(
            KeySource("kind", _("Company or person"), keys=KINDS),
            COUNTRY,
            TAGS,
        ),
    ),
    TableSpec(
        "credit_terms",
        _("Payment terms"),
        "payment_terms",
        "credit_terms",
        NoPair.DEFAULT,
        preset="default_credit_terms",
    ),
    TableSpec(
        "vat_zone",
        _("VAT zone per country and kind of customer"),
        "",
        "vat_zones",
        NoPair.DEFAULT,
        preset="vat_zone",
        columns=(_("Country of the customer"), _("Kind of customer")),
        second_keys=(*VAT_KIND_KEYS, *KINDS),
    ),
    TableSpec(
        "customer_price_class",
        _("Price class per tag, country or field"),
        "",
        "price_classes",
        NoPair.DEFAULT,
        preset="customer_price_class",
        sources=(TAGS, COUNTRY),
    ),
    TableSpec(
        "sales_account",
        _("Sales account per country"),
        "",
        "accounts",
        NoPair.DEFAULT,
        preset="sales_account",
        sources=(COUNTRY, TAGS),
    ),
)


def prepare_customer(record: SourceRecord, given: Given) -> SourceRecord:
    """Return the customer without what these settings do not send, with what its tables are read by, and with its VAT
    zone where that goes by its kind for VAT."""
    customer, settings = record.core, given.settings
    assert isinstance(customer, Customer)
    assert isinstance(settings, CustomerSettings)
    changes: dict[str, Any] = {}
    if not settings.send_contacts and customer.contacts:
        changes["contacts"] = ()
    if not settings.send_locations and customer.locations:
        changes["locations"] = ()
    if not settings.send_e_invoice_id and customer.e_invoice_address:
        changes["e_invoice_address"] = None
    shaped = replace(record, core=customer.model_copy(update=changes)) if changes else record
    zone = zone_pair(customer, given.tables.get("vat_zone"), given.country)
    if zone:
        shaped = with_resolved(shaped, pairs={"vat_zone": zone})
    keys = keys_by_table(CUSTOMER_TABLES, settings, partial(read_key, shaped))
    return with_resolved(shaped, keys={name: _one_of(value, given.tables.get(name)) for name, value in keys.items()})


def _one_of(value: Any, table: ValueTableData | None) -> Any:
    """Return the value a table is read by: of several, such as tags, the first that has a row."""
    if not isinstance(value, list | tuple):
        return value
    rows = table.rows if table else {}
    return next((one for one in value if one in rows), value[0] if value else None)


def with_ended_holds(work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
    """Mark the customers whose hold is to end: we set it, they are active again, and it still stands in the target.

    Only these cost a call. Raises RetryableError, FlowError.
    """
    if work.settings.inactive_customers is not Inactive.ON_HOLD:  # type: ignore[attr-defined]
        return list(records)
    active = [one for one in records if isinstance(one, SourceRecord) and _is_active(one)]
    bound = pairs.bound_records(work, kind, [one.key for one in active])
    held = {key: pair.target_id for key, pair in bound.items() if pair.hashes.get("status") == hash_value(ON_HOLD)}
    ended = {key for key, target_id in held.items() if _stands_on_hold(work, target_id)}
    return [
        with_resolved(one, ends_hold=True) if isinstance(one, SourceRecord) and one.key in ended else one
        for one in records
    ]


def _is_active(record: SourceRecord) -> bool:
    return isinstance(record.core, Customer) and record.core.is_active


def _stands_on_hold(work: Work, target_id: str) -> bool:
    try:
        return work.target("customers").read(target_id).get("status") == ON_HOLD
    except RecordError:  # gone, or not to be read: nothing to end
        return False


def customer_fields(settings: CustomerSettings) -> list[FieldMap]:
    """Return the fields of a customer that settings add to its map."""
    fields = []
    if settings.customer_number_field:
        source = f"custom_fields.{settings.customer_number_field}"
        fields.append(FieldMap(target="number", source=source, steps=TRIMMED, when=When.ON_CREATE))
    if settings.credit_limit_field:
        source = f"custom_fields.{settings.credit_limit_field}"
        fields.append(FieldMap(target="creditLimit", source=source, when=When.ON_CREATE))
    if settings.inactive_customers is Inactive.ON_HOLD:
        fields.append(FieldMap(target="status", expression=ENDING_HOLD))
    else:
        fields.append(FieldMap(target="status", constant="Active", when=When.ON_CREATE))
    return fields


class CustomersFlow(FlowKind):
    key = "customers"
    title = _("Customers")
    source_kind = "customers"
    resources = ("customers",)
    settings_model = CustomerSettings
    tables = CUSTOMER_TABLES

    def recognise(self, work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
        return with_ended_holds(work, kind, records)

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        return prepare_customer(record, given)

    def setting_fields(self, settings: Any) -> Sequence[FieldMap]:
        return customer_fields(settings)

    def omit(self, record: SourceRecord, settings: Any) -> tuple[str, dict[str, str]] | None:
        customer = record.core
        assert isinstance(customer, Customer)
        if not customer.is_active:
            return "skip.inactive", {}
        if is_one_off(customer, settings):
            return "skip.one_off", {"what": settings.collective_customer}
        return None

    def retire(self, record: SourceRecord | Omitted, settings: Any) -> SourceRecord | str:
        if isinstance(record, Omitted):  # nothing is known of a customer that has vanished
            return ""
        customer = record.core
        assert isinstance(customer, Customer)
        is_held = settings.inactive_customers is Inactive.ON_HOLD and not customer.is_active
        return record if is_held and settings.update_customers else ""

    def updates(self, kind: str, settings: Any) -> bool:
        return bool(settings.update_customers)

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        return resolve_customers(work, kind, records, work.settings.ladder)  # type: ignore[attr-defined]
