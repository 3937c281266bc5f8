"""What a customer is for VAT: domestic, a business or a private person elsewhere in the EU, or outside of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from connectors.base import Text
from connectors.core import Customer
from connectors.maps import ValueTableData
from flows.maps.lookup import ANY

AT_RATE = ":"  # between a kind of customer and a VAT rate in percent, in a key
HUNDREDTH = Decimal("0.01")
EUROPEAN_UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


class VatKind(StrEnum):
    """How a sale to this customer is taxed, as seen from the seller's country."""

    DOMESTIC = "domestic"
    EU_BUSINESS = "eu_business"  # has a VAT number: reverse charge
    EU_PRIVATE = "eu_private"  # has none: the seller's VAT, or the buyer's under OSS
    EXPORT = "export"


VAT_KIND_KEYS: tuple[tuple[str, Text], ...] = (
    (VatKind.DOMESTIC, _("Your own country")),
    (VatKind.EU_BUSINESS, _("Elsewhere in the EU, with VAT number")),
    (VatKind.EU_PRIVATE, _("Elsewhere in the EU, without VAT number (OSS)")),
    (VatKind.EXPORT, _("Outside the EU")),
)


def country_of(customer: Customer) -> str:
    """Return the country that decides, ISO 3166-1 alpha-2 in capitals, or "" where none is known."""
    for address in (customer.primary_address, customer.invoice_address):
        if address is not None and address.country:
            return address.country.strip().upper()
    return ""


def vat_kind(customer: Customer, home: str) -> VatKind | None:
    """Return what a customer is for VAT; None where the country of either side is not known."""
    country = country_of(customer)
    if not country or not home:
        return None
    if country == home.upper():
        return VatKind.DOMESTIC
    if country not in EUROPEAN_UNION or home.upper() not in EUROPEAN_UNION:
        return VatKind.EXPORT
    return VatKind.EU_BUSINESS if customer.vat_number else VatKind.EU_PRIVATE


def percent_key(rate: Decimal | None) -> str:
    """Return a VAT rate (a fraction) as a row names it: "5.5" for 0.055."""
    text = f"{(rate or Decimal(0)) * 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_percent(text: str) -> str:
    """Return a VAT rate in percent, as a person writes it ("5,50 %"), as a row names it. Raises ValueError."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not percent.is_finite() or not 0 <= percent < 100 or percent != percent.quantize(HUNDREDTH):
        raise ValueError(text)
    return percent_key(percent / 100)


def kind_keys(kind: VatKind, rate: Decimal | None) -> tuple[str, ...]:
    """Return what a row for a line may be called in its second key, the most exact first."""
    percent = percent_key(rate)
    return f"{kind.value}{AT_RATE}{percent}", kind.value, f"{ANY}{AT_RATE}{percent}", ANY


def find_pair(table: ValueTableData | None, country: str, kinds: Iterable[str]) -> str | None:
    """Return the value for a country and the first of these kinds that has a row, or for that kind in any country."""
    rows = table.rows if table else {}
    wanted = tuple(kinds)
    keys = [f"{country}|{kind}" for kind in wanted] + [f"{ANY}|{kind}" for kind in wanted]
    return next((value for key in keys if (value := rows.get(key))), None)


def zone_pair(customer: Customer, table: ValueTableData | None, home: str) -> str | None:
    """Return the VAT zone of a customer by its kind for VAT; None leaves it to the rows per company or person.

    A row for the country and company or person is more exact than one for the kind in any country.
    """
    kind, country = vat_kind(customer, home), country_of(customer)
    if table is None or kind is None or table.is_forced or not table.is_used:
        return None
    exact = table.rows.get(f"{country}|{kind.value}")
    others = (f"{country}|{customer.kind.value}", f"{country}|{ANY}", country)
    if exact or any(key in table.rows for key in others):
        return exact
    return table.rows.get(f"{ANY}|{kind.value}")
