"""Which VAT rate Visma.net books: of the taxes of a line's category, those valid in the customer's VAT zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from apicenter.errors import NotFound
from connectors.core import JSONDict
from connectors.visma_net.api import Erp, path_key
from connectors.visma_net.read_values import read_id, read_rate, read_rows, read_text


def rate_of(category: JSONDict, zone: str, taxes: Sequence[JSONDict]) -> Decimal | None:
    """Return the rate as a fraction: the sum of the taxes that category and zone share, 0 when they share none.

    None when no tax names its zones, as then nothing can be said.
    """
    if not any(read_rows(tax.get("zones")) for tax in taxes):
        return None
    listed = {read_text(line.get("vatId")) for line in read_rows(category.get("vatCategoryLines"))}
    is_all_but = category.get("excludeListedTaxes") is True
    valid = [
        tax
        for tax in taxes
        if (read_text(tax.get("vatId")) in listed) != is_all_but
        and zone in {read_text(row.get("id")) for row in read_rows(tax.get("zones"))}
    ]
    rates = [_present_rate(tax) for tax in valid]
    return None if None in rates else sum((rate for rate in rates if rate is not None), Decimal(0))


def _present_rate(tax: JSONDict) -> Decimal | None:
    if tax.get("reverseVat") is True:
        return Decimal(0)
    dated = sorted(read_rows(tax.get("schedules")), key=lambda row: str(row.get("startDate") or ""))
    return read_rate(dated[-1].get("vatRate")) if dated else None


class VatRules:
    """The company's VAT set-up, read once per piece of work, and the zones of the customers asked for."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp
        self._zones: dict[str, str] = {}

    def rates(self, customers: Iterable[str]) -> Callable[[str, str, str], Decimal | None]:
        """Return what gives the rate for a customer's number, a VAT category and the document's own VAT zone or "", or
        None where it is not known."""
        unknown = [number for number in dict.fromkeys(customers) if number not in self._zones]
        found = self._erp.api.overlap(self._find_zone, unknown)
        self._zones.update(zip(unknown, found, strict=True))

        def rate(customer: str, code: str, own_zone: str) -> Decimal | None:
            zone, category = own_zone or self._zones.get(customer, ""), self._categories.get(code)
            return rate_of(category, zone, self._taxes) if zone and category else None

        return rate

    def _find_zone(self, number: str) -> str:
        try:
            return read_id(self._erp.get(f"/v1/customer/{path_key(number)}").get("vatZone")) or ""
        except NotFound:
            return ""

    @cached_property
    def _categories(self) -> Mapping[str, JSONDict]:
        return {read_text(row.get("vatCategoryId")) or "": row for row in self._erp.rows("/v1/vatCategory")}

    @cached_property
    def _taxes(self) -> Sequence[JSONDict]:
        return self._erp.rows("/v1/vat")
