"""Whether financial mutations could be booked: their accounts exist and are chosen, and the period is open."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.core import SalesDocument
from flows.catalog.mutation_settings import (
    ACCOUNT_SETTINGS,
    MutationSettings,
    chosen_account,
    missing_accounts,
    mutation_tables,
)
from flows.documents.journal_entries import MutationType
from flows.engine.work import Work
from flows.setup.lights import Level, Light, Place


def ledger_lights(work: Work, settings: MutationSettings, orders: Sequence[SalesDocument]) -> list[Light]:
    """Return the lights of a flow that books in the general ledger. Raises RetryableError, FlowError."""
    return [_accounts(work, settings), _discounts(settings, orders), _period(work, settings)]


def _accounts(work: Work, settings: MutationSettings) -> Light:
    title = _("Ledger accounts")
    known = {option.value for option in work.target_side.options("accounts")}
    chosen = [account for name in ACCOUNT_SETTINGS.values() if (account := chosen_account(settings, name))]
    tables = [work.tables.get(spec.name) for spec in mutation_tables(settings) if spec.target_list == "accounts"]
    chosen += [account for table in tables if table for account in table.rows.values() if account]
    unknown = sorted(set(chosen) - known)
    if missing_accounts(settings):
        text = _("An account that every entry needs is not chosen: nothing can be booked yet.")
        return Light(title, Level.BAD, text, Place.SETTINGS)
    if unknown:
        text = _("%(system)s has no active account %(accounts)s.")
        return Light(
            title, Level.BAD, text % {"system": work.system, "accounts": ", ".join(unknown[:3])}, Place.SETTINGS
        )
    return Light(title, Level.OK, _("Every account that is chosen exists in %(system)s.") % {"system": work.system})


def _discounts(settings: MutationSettings, orders: Sequence[SalesDocument]) -> Light:
    title = _("Discounts")
    has_some = any(order.discounts or any(line.discount_percent for line in order.lines) for order in orders)
    if not has_some or settings.mutation_type is MutationType.SIMPLE:
        return Light(title, Level.OK, _("Recent orders need no account for discounts."))
    if settings.discount_account:
        return Light(title, Level.OK, _("Discounts have an account of their own."))
    text = _("Recent orders have discounts, and no account for them is chosen: those orders wait.")
    return Light(title, Level.WARN, text, Place.SETTINGS)


def _period(work: Work, settings: MutationSettings) -> Light:
    title = _("Financial period")
    period = work.target(work.kind.key).find_period(timezone.localdate())
    if period is None or period.is_open:
        return Light(title, Level.OK, _("The period of today is open."))
    text = _("The period %(period)s is closed in %(system)s: today's orders wait, or go to the next open one.")
    return Light(title, Level.WARN, text % {"period": period.id, "system": work.system}, Place.SETTINGS)
