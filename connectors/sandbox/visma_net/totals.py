"""Amounts of a document: lines to the cent of their currency, VAT per code on the sum, half a cent always up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.currencies import decimals_of
from connectors.sandbox.models import Account
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class VatRule:
    """What one VAT category means for one customer."""

    vat_id: str
    rate: Decimal
    is_exempt: bool


@dataclass(frozen=True)
class VatSum:
    """One code's part of a document."""

    rule: VatRule
    taxable: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """A document's sums, in its own currency."""

    taxable: Decimal
    exempt: Decimal
    vat: Decimal
    sums: tuple[VatSum, ...]

    @property
    def total(self) -> Decimal:
        return self.taxable + self.exempt + self.vat


def line_amount(
    quantity: Decimal, price: Decimal, *, percent: Decimal, discount: Decimal, currency: str
) -> tuple[Decimal, Decimal]:
    """Return a line's amount and its discount; a percentage wins over an amount."""
    gross = rounded(quantity * price, currency)
    if percent:
        net = rounded(quantity * price * (1 - percent / HUNDRED), currency)
        return net, gross - net
    reduced = rounded(discount, currency)
    return gross - reduced, reduced


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of the document's currency."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), rounding=ROUND_HALF_UP)


def add_up(lines: Iterable[tuple[VatRule, Decimal]], *, currency: str) -> Totals:
    """Sum the lines per VAT code."""
    taxable: dict[VatRule, Decimal] = {}
    for rule, amount in lines:
        taxable[rule] = taxable.get(rule, Decimal(0)) + amount
    sums = tuple(
        VatSum(rule, amount, rounded(amount * rule.rate / HUNDRED, currency)) for rule, amount in taxable.items()
    )
    return Totals(
        taxable=sum((row.taxable for row in sums if not row.rule.is_exempt), Decimal(0)),
        exempt=sum((row.taxable for row in sums if row.rule.is_exempt), Decimal(0)),
        vat=sum((row.vat for row in sums), Decimal(0)),
        sums=sums,
    )


def vat_rules(account: Account, zone_id: str, categories: Iterable[str]) -> dict[str, VatRule]:
    """Return the rule of each category in one VAT zone. Raises Refused for a category the company lacks."""
    zone = store.lookup(account, "vat_zone", zone_id, field="VAT zone").body
    wanted = set(categories)
    found = store.find_many(account, "vat_category", wanted)
    rules = {}
    for category in wanted:
        thing = found.get(store.key_of(category))
        if thing is None:
            raise Refused(
                f"'VAT category' cannot be found in the system: '{category}'.",
                code="1805-InvalidTaxCategoryId",
                taxCategoryId=category,
            )
        rules[category] = _rule(zone, thing.body)
    return rules


def _rule(zone: JSONDict, category: JSONDict) -> VatRule:
    if zone["_vatId"]:
        return VatRule(zone["_vatId"], Decimal(0), is_exempt=True)
    line = category["vatCategoryLines"][0]
    return VatRule(line["vatId"], Decimal(str(line["vatRates"][0]["vatRate"])), is_exempt=False)
