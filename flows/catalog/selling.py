"""What flows of sales documents have in common: orders, invoices and credit notes of a CRM, written to an ERP.

Steps for a document that was not sent before: customer (found by the ladder, made, or the default one), items (all must
exist), lines with every discount folded in, totals as the target will compute them; only then is it planned.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from apicenter.errors import MappingError
from connectors.base import Existing, ReadRecord, SourceRecord
from connectors.core import Customer, OrderLine, SalesDocument
from connectors.maps import FieldMap, NoPair
from flows.catalog.base import Ensured, FlowKind, Given, Resolved, TableSpec, keys_by_table, with_resolved
from flows.catalog.booked_totals import CheckSettings, expected_of
from flows.catalog.cent_line import CentLine, cent_line
from flows.catalog.customer_match import resolve_customers
from flows.catalog.customers import customer_fields, prepare_customer, with_ended_holds
from flows.catalog.document_settings import (
    DOCUMENT_TABLES,
    SETTING_VALUES,
    SUBACCOUNT,
    VAT_EXCEPTIONS,
    DocumentSettings,
)
from flows.catalog.document_values import document_values, with_vat_exceptions
from flows.catalog.idle_settings import idle_settings
from flows.catalog.mutation_settings import JOURNAL, MUTATION_TABLES, MutationSettings, mutation_tables
from flows.catalog.mutations import Sale, resolve_mutations
from flows.catalog.one_off import as_one_off, is_one_off
from flows.catalog.sales_lines import Held, Items, MissingProduct, check_totals, resolve_lines
from flows.documents.extra_lines import extra_lines
from flows.documents.totals import Expected
from flows.engine import pairs
from flows.maps.lookup import look_up
from flows.maps.sources import ITEMS, read_key

if TYPE_CHECKING:
    from flows.engine.work import Work

ITEM_TABLE = "item"
Rates = Callable[[str, str, str], Decimal | None]


class SalesSettings(DocumentSettings, MutationSettings, CheckSettings):
    """Settings of every flow of sales documents."""

    OLDER = {"force_default_customer": ("default_customer", "is_forced")}
    missing_product: MissingProduct = MissingProduct.BLOCK
    fallback_item: str = ""
    text_line_item: str = ""  # the item that carries lines without a product
    totals_tolerance: Decimal = Field(Decimal("0.05"), ge=0)
    cash_payment_method: str = ""  # of cash sales
    cash_account: str = ""

    @property
    def arrives_on_hold(self) -> bool:
        """Whether a document can still be put right in the target once it was made."""
        return False

    @property
    def can_sell_for_cash(self) -> bool:
        """A cash sale says where the money is, and how it came in."""
        return bool(self.cash_payment_method and self.cash_account)


SALES_TABLES: tuple[TableSpec, ...] = (
    *DOCUMENT_TABLES,
    TableSpec(
        ITEM_TABLE,
        _("Items sent instead of others"),
        "",
        "",
        NoPair.AS_IS,
        is_grown=True,
        used=_("Looked at for every line of an order, before the item is looked up."),
    ),
)

BOOKING_TABLES = frozenset({"vat", "branch", SUBACCOUNT})  # those that an entry in the general ledger needs, too


class SalesFlow(FlowKind):
    """A kind of flow whose records are sales documents. A new one says what they become and since when to look."""

    settings_model = SalesSettings
    tables = (*SALES_TABLES, *MUTATION_TABLES)
    setting_values = SETTING_VALUES
    drivers = ("send_as", "mutation_type")

    def is_booked(self, kind: str, settings: Any) -> bool:
        """Whether records of this kind become entries in the general ledger."""
        return self.target_kind(kind, settings) == JOURNAL

    def sale_of(self, document: SalesDocument) -> Sale:
        """Return how a document is booked in the general ledger."""
        since = self.looks_since(document)
        return Sale(document, since.date() if since else None)

    def table_specs(self, settings: Any) -> Sequence[TableSpec]:
        every = super().table_specs(settings)
        if self.is_booked(self.key, settings):
            wanted = BOOKING_TABLES | {spec.name for spec in mutation_tables(settings)}
            return [spec for spec in every if spec.name in wanted]
        others = {spec.name for spec in MUTATION_TABLES} | (set() if settings.vat_exceptions else {VAT_EXCEPTIONS})
        return [spec for spec in every if spec.name not in others]

    def idle_settings(self, settings: Any) -> frozenset[str]:
        return idle_settings(self.target_kind(self.key, settings), settings.mutation_type)

    @abstractmethod
    def looks_since(self, document: SalesDocument) -> datetime | None:
        """Return since when the target may have the document; None: since it was last changed."""

    def resolved_values(self, work: Work, kind: str, document: SalesDocument) -> dict[str, Any] | Held:
        """Return what this kind adds to what a map may name as `resolved.<name>`, or why it cannot be planned."""
        return {}

    def line_item(self, document: SalesDocument, settings: Any) -> str:
        """Return the item that carries lines of this document which name no product."""
        return str(settings.text_line_item)

    def expects(self, kind: str, record: SourceRecord, settings: Any) -> Expected | None:
        document = record.core
        is_wanted = settings.check_after.asks(arrives_on_hold=settings.arrives_on_hold)
        return expected_of(document, settings) if is_wanted and isinstance(document, SalesDocument) else None

    def recognise(self, work: Work, kind: str, records: Sequence[ReadRecord]) -> list[ReadRecord]:
        return with_ended_holds(work, kind, records) if kind == "customers" else list(records)

    def prepare(self, record: SourceRecord, given: Given) -> SourceRecord:
        if isinstance(record.core, Customer):
            return prepare_customer(record, given)
        return as_one_off(record, given.settings)

    def fields_for(self, kind: str, settings: Any) -> Sequence[FieldMap]:
        return customer_fields(settings) if kind == "customers" else super().fields_for(kind, settings)

    def updates(self, kind: str, settings: Any) -> bool:
        return kind == "customers" and settings.update_customers

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        settings = work.settings
        assert isinstance(settings, SalesSettings)
        if kind == "customers":
            return resolve_customers(work, kind, records, settings.ladder)
        if self.is_booked(kind, settings):
            return resolve_mutations(work, kind, records, self.sale_of)
        resolved = self.resolve_again(work, kind, records)
        found = work.target_side.api.overlap(partial(self._find_existing, work, kind), resolved)
        return [replace(one, existing=tuple(existing)) for one, existing in zip(resolved, found, strict=True)]

    def resolve_again(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        settings = work.settings
        assert isinstance(settings, SalesSettings)
        if self.is_booked(kind, settings):
            return resolve_mutations(work, kind, records, self.sale_of, is_again=True)
        customers = ensured_customers(work, settings, records)
        text_items = {self.line_item(document_of(record), settings) for record in records}
        items = known_items(work, kind, settings, records, text_items)
        currencies = known_currencies(work, records)
        bought_by = [customer_of(document_of(record), settings, customers).target_id for record in records]
        rates = work.target(kind).vat_rates(filter(None, bought_by))
        return [
            self._resolve_one(work, kind, record, customers, items, rates)
            if document_of(record).currency in currencies
            else unknown_currency(record, work.system)
            for record in records
        ]

    def _find_existing(self, work: Work, kind: str, one: Resolved) -> list[Existing]:
        """Look whether the target has the document already under our reference, though we do not know of it."""
        values = one.record.raw.get("resolved")
        since = self.looks_since(document_of(one.record)) or one.record.modified_at
        if one.code or not values or since is None:
            return []
        if one.record.key in work.unsent:
            return []
        target = work.target(kind)
        return target.find_by_reference(values["reference"], customer=values["customer_id"], since=since)

    def _resolve_one(
        self,
        work: Work,
        kind: str,
        record: SourceRecord,
        customers: Mapping[str, Ensured],
        items: Items,
        rates: Rates,
    ) -> Resolved:
        settings, document = work.settings, document_of(record)
        assert isinstance(settings, SalesSettings)
        customer = customer_of(document, settings, customers)
        if not customer.target_id:
            return _without_customer(record, document, customer)
        lines = resolve_lines(
            document, settings, items, text_item=self.line_item(document, settings), system=work.system
        )
        added = [line for line, _item in extra_lines(document, settings)]
        try:
            values = document_values(document, work.given)
        except MappingError as error:
            return Resolved(record, code=error.code, params=error.params)
        if not isinstance(lines, Held):
            with_vat_exceptions(document, [*document.lines, *added], lines, work.given)
        rate = partial(_booked_rate, work, rates, customer.target_id, values.get("vat_zone") or "")
        held = lines if isinstance(lines, Held) else check_totals(document, lines, rate, settings)
        if not isinstance(lines, Held) and held is None:
            needs_item = work.target(kind).lines_need_items
            cents = cent_line(document, lines, rate, settings, items, system=work.system, needs_item=needs_item)
            held = cents if isinstance(cents, Held) else None
            if isinstance(cents, CentLine):
                lines, added = [*lines, cents.resolved], [*added, cents.line]
        more = held or self.resolved_values(work, kind, document)
        if isinstance(more, Held):
            return Resolved(record, code=more.code, params=more.params, retry_at=more.retry_at)
        return Resolved(
            with_resolved(
                record,
                customer_id=customer.target_id,
                reference=work.reference(kind, record.key),
                location_id=_location_of(work, document, customer.target_id),
                branch=settings.branch.filled or None,
                payment_method=settings.cash_payment_method or None,
                cash_account=settings.cash_account or None,
                keys=keys_by_table(self.tables, settings, partial(read_key, record)),
                lines=lines,
                **({ITEMS: [*document.lines, *added]} if added else {}),
                **values,
                **more,
            )
        )


def document_of(record: SourceRecord) -> SalesDocument:
    assert isinstance(record.core, SalesDocument)
    return record.core


def ensured_customers(work: Work, settings: SalesSettings, records: Sequence[SourceRecord]) -> dict[str, Ensured]:
    """Make sure that the customers of these documents are there, each once. Raises Interrupted."""
    if settings.default_customer.is_forced:
        return {}
    own = [record for record in records if not is_one_off(document_of(record).customer, settings)]
    carried = [work.source.carried(record, "customers") for record in own]
    unique = {customer.key: customer for customer in carried if customer is not None}
    return work.ensure(work, "customers", list(unique.values())) if unique else {}


def customer_of(document: SalesDocument, settings: SalesSettings, customers: Mapping[str, Ensured]) -> Ensured:
    """Return which customer of the target a document is for."""
    fixed = settings.default_customer
    if fixed.is_forced or (fixed.is_on and document.customer is None):
        return Ensured(fixed.value)
    if is_one_off(document.customer, settings):
        return Ensured(settings.collective_customer)
    return customers.get(document.customer.key, Ensured()) if document.customer else Ensured()


def known_items(
    work: Work, kind: str, settings: SalesSettings, records: Sequence[SourceRecord], text_items: set[str]
) -> Items:
    """Look up the items that the documents and the settings name. Raises RetryableError, FlowError."""
    table = work.tables.get(ITEM_TABLE)
    asked = Items({}, table.rows if table else {}, are_free=not work.target(kind).names_items)
    if asked.are_free:
        return asked
    lines = [line for record in records for line in document_of(record).lines]
    paired = pairs.source_of_target(work, "products", [line.product_key for line in lines if line.product_key])
    wanted = {line.sku for line in lines if line.sku and line.product_key not in paired}
    added = {settings.fallback_item, settings.shipping_item, settings.discount_item, settings.cent_line_item}
    wanted |= set(filter(None, (*added, *text_items)))
    wanted |= {instead for line in lines if (instead := asked.instead_of(line))}
    wanted |= set(paired.values())
    unknown = sorted(wanted - work.found.keys())
    if unknown:
        work.found.update(work.target(kind).existing_keys(unknown))
    spelled = work.found
    by_key = {key: spelled[sku] for key, sku in paired.items() if sku in spelled}
    return replace(asked, spelled={**spelled, **by_key})


def known_currencies(work: Work, records: Sequence[SourceRecord]) -> frozenset[str]:
    """Return which currencies of these documents the target has. Raises RetryableError, FlowError."""
    asked = frozenset(document_of(record).currency for record in records)
    base = str(work.flow.target.settings.get("currency") or "")
    if asked <= {base} or "currencies" not in work.target_side.option_lists:
        return asked
    return frozenset(option.value for option in work.target_side.options("currencies"))


def unknown_currency(record: SourceRecord, system: str) -> Resolved:
    params = {"currency": document_of(record).currency, "system": system}
    return Resolved(record, code="currency.unknown", params=params)


def cash_settings_missing(settings: SalesSettings) -> Held | None:
    """Return why a cash sale cannot be booked: where the money is, and how it came, must be known."""
    if settings.can_sell_for_cash:
        return None
    missing = _("Cash account") if settings.cash_payment_method else _("Payment method")
    return Held("setting.missing", {"setting": str(missing)})


def _location_of(work: Work, document: SalesDocument, customer_id: str) -> str | None:
    """Return the target's location for the delivery address, if it is one of the customer's further places."""
    address, buyer = document.delivery_address, document.customer
    if address is None or buyer is None or address not in buyer.locations:
        return None
    return work.target("customers").find_location(customer_id, address.model_dump()) or None


def _without_customer(record: SourceRecord, document: SalesDocument, customer: Ensured) -> Resolved:
    who = document.customer
    params = {"what": who.name if who else "", "dependency": who.key if who else ""}
    return Resolved(record, code=customer.code or "customer.missing", params=params, retry_at=customer.retry_at)


def _booked_rate(
    work: Work, rates: Rates, customer_id: str, zone: str, line: OrderLine, category: str | None
) -> Decimal | None:
    """Return the VAT rate the target will book for a line; where it cannot be told, the source's."""
    try:
        code = category or look_up("vat", work.tables.get("vat"), line.vat_code)
    except MappingError:
        return line.vat_rate  # planning holds the document and names the pair that is missing
    rate = rates(customer_id, code, zone) if isinstance(code, str) else None
    return line.vat_rate if rate is None else rate
