"""Financial mutations: sales documents booked as entries in the general ledger instead of documents in the ERP.

No customer and no item is needed. Steps: the period is looked up and must be open, the entry is composed, its totals
are compared with the source's, and the target is asked whether it has one under our reference already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from apicenter.errors import MappingError
from connectors.base import Period, SourceRecord
from connectors.core import JournalEntry, JournalLine, JournalPart, OrderLine, SalesDocument
from flows.catalog.base import Resolved, source_of, with_resolved
from flows.catalog.document_settings import SUBACCOUNT, SUBACCOUNT_TABLE
from flows.catalog.mutation_settings import (
    LINE_RATE,
    PER_CATEGORY,
    PER_PRODUCT,
    REVENUE,
    REVENUE_TABLE,
    VAT_ID,
    VAT_PER_RATE,
    ClosedPeriod,
    MutationSettings,
    MutationStatus,
)
from flows.catalog.sales_lines import LineSettings, check_totals
from flows.documents.journal_entries import Accounts, MutationType, compose
from flows.documents.totals import spread_discount
from flows.maps.lookup import look_up
from flows.maps.paths import MISSING, get_path
from flows.maps.sources import read_key

if TYPE_CHECKING:
    from flows.engine.work import Work

Categories = Mapping[str, str]  # product key -> category
SOLD = frozenset({JournalPart.REVENUE, JournalPart.SHIPPING, JournalPart.DISCOUNT})  # with VAT code and subaccount


@dataclass(frozen=True, slots=True)
class Sale:
    """A sales document as it is booked: on which day, and whether its sides change over."""

    document: SalesDocument
    day: date | None
    is_credit: bool = False


def resolve_mutations(
    work: Work,
    kind: str,
    records: Sequence[SourceRecord],
    sale_of: Callable[[SalesDocument], Sale],
    *,
    is_again: bool = False,
) -> list[Resolved]:
    """Return each record with its composed entry, or why it cannot be booked. With `is_again` it is booked already, and
    only wanted to be compared. Raises RetryableError, FlowError."""
    sales = [sale_of(_document(record)) for record in records]
    categories = _categories(work, _settings(work), sales)
    return [
        _resolve_one(work, kind, record, sale, categories, is_again=is_again)
        for record, sale in zip(records, sales, strict=True)
    ]


def _resolve_one(
    work: Work, kind: str, record: SourceRecord, sale: Sale, categories: Categories, *, is_again: bool
) -> Resolved:
    settings = _settings(work)
    period = None if is_again else _period(work, kind, settings, sale)
    if period is not None and not period.is_open:
        return Resolved(record, code="period.closed", params={"date": str(sale.day), "system": work.system})
    try:
        accounts = _accounts(work, settings, sale.document, categories)
        entry = compose(sale.document, accounts, settings.mutation_type, is_credit=sale.is_credit)
        subaccount = _subaccount(work, settings, record)
        lines = [_line_values(work, settings, line, subaccount) for line in entry.lines]
    except MappingError as error:
        return Resolved(record, code=error.code, params=error.params)
    if not lines:
        return Resolved(record, code="skip.nothing_to_book", is_skip=True)
    held = None if settings.mutation_type is MutationType.SIMPLE else _compare(sale.document, settings)
    if held is not None:
        return Resolved(record, code=held.code, params=held.params)
    values = _head_values(settings, sale, entry, period)
    reference = work.reference(kind, record.key)
    resolved = with_resolved(
        record, **values, reference=reference, lines=lines, items=_items(sale.document, entry)
    )  # fmt: skip
    is_asked = period is not None and record.key not in work.unsent
    existing = work.target(kind).find_entry(reference, period=period.id) if period and is_asked else []
    return Resolved(resolved, existing=tuple(existing))


def _document(record: SourceRecord) -> SalesDocument:
    assert isinstance(record.core, SalesDocument)
    return record.core


def _settings(work: Work) -> Any:
    assert isinstance(work.settings, MutationSettings)
    return work.settings


def _period(work: Work, kind: str, settings: MutationSettings, sale: Sale) -> Period | None:
    if sale.day is None:
        return None
    is_next_open = settings.closed_period is ClosedPeriod.NEXT_OPEN
    return work.target(kind).find_period(sale.day, is_next_open=is_next_open)


def _compare(document: SalesDocument, settings: LineSettings) -> Any:
    spread = spread_discount(document.lines, document.discounts, currency=document.currency)
    lines = [{"discount_percent": one.percent} for one in spread]
    return check_totals(document, lines, lambda line, category: line.vat_rate, settings)


def _head_values(settings: Any, sale: Sale, entry: JournalEntry, period: Period | None) -> dict[str, Any]:
    document = sale.document
    customer = document.customer.name if document.customer else ""
    return {
        "description": " ".join(filter(None, (document.number, customer))),
        "date": sale.day,
        "period": period.id if period else None,
        "ledger": settings.ledger or None,
        "branch": settings.branch.filled or None,
        "hold": settings.mutation_status is MutationStatus.ON_HOLD,
        "release": settings.mutation_status is MutationStatus.RELEASED,
        "vat_return": settings.vat_return or None,
        "total": entry.total,
    }


def _subaccount(work: Work, settings: Any, record: SourceRecord) -> Any:
    """Return the subaccount of what was sold. Raises MappingError."""
    key = read_key(record, source_of(SUBACCOUNT_TABLE, settings).path)
    found = look_up(SUBACCOUNT, work.tables.get(SUBACCOUNT), key)
    return None if found is MISSING else found


def _line_values(work: Work, settings: MutationSettings, line: JournalLine, subaccount: Any) -> dict[str, Any]:
    is_reported, is_sold = settings.vat_return and line.part is JournalPart.VAT, line.part in SOLD
    return {
        "account": line.account,
        "subaccount": subaccount if is_sold else None,
        "part": line.part.value if line.part else None,
        "debit": line.debit or None,
        "credit": line.credit or None,
        "text": line.text,
        "vat_code": line.vat_code if is_sold else None,
        "vat_id": look_up(VAT_ID, work.tables.get(VAT_ID), line.vat_code) if is_reported else None,
    }


def _items(document: SalesDocument, entry: JournalEntry) -> list[Any]:
    """Return for each line of the entry the one order line it stands for, so that a map can name its fields."""
    by_position = {line.position: line for line in document.lines}
    return [by_position.get(line.position, {}) if line.position is not None else {} for line in entry.lines]


def _accounts(work: Work, settings: MutationSettings, document: SalesDocument, categories: Categories) -> Accounts:
    def revenue(line: OrderLine) -> str | None:
        found = None
        if settings.mutation_type is MutationType.COMPLEX:
            found = _row(work, PER_PRODUCT, line.sku) or _row(
                work, PER_CATEGORY, categories.get(line.product_key or "")
            )
        return found or _looked_up(work, REVENUE, _revenue_key(settings, document, line))

    return Accounts(
        receivable=settings.receivable_account,
        simple_revenue=settings.revenue_account.filled,
        revenue=revenue,
        vat=lambda line: _looked_up(work, VAT_PER_RATE, line.vat_code),
        shipping=settings.shipping_account,
        discount=settings.discount_account,
        rounding=settings.rounding_account,
        is_shipping=lambda line: (line.sku or "").casefold() in settings.shipping_numbers,
    )


def _revenue_key(settings: MutationSettings, document: SalesDocument, line: OrderLine) -> Any:
    path = source_of(REVENUE_TABLE, settings).path
    return line.vat_code if path == LINE_RATE else get_path(document, path)


def _categories(work: Work, settings: MutationSettings, sales: Sequence[Sale]) -> Categories:
    """Look up the categories of the products, where an account depends on them: it takes a call per product."""
    table = work.tables.get(PER_CATEGORY)
    if settings.mutation_type is not MutationType.COMPLEX or table is None or not any(table.rows.values()):
        return {}
    lines = [line for sale in sales for line in sale.document.lines]
    keys = {line.product_key for line in lines if line.product_key and not _row(work, PER_PRODUCT, line.sku)}
    return work.source.product_categories(sorted(keys))


def _row(work: Work, name: str, key: str | None) -> str | None:
    table = work.tables.get(name)
    return table.rows.get(key) if table and key else None


def _looked_up(work: Work, name: str, key: Any) -> str | None:
    """Return the account a table gives, else the one of its setting. Raises MappingError where that is to block."""
    found = look_up(name, work.tables.get(name), key)
    return str(found) if found else None
