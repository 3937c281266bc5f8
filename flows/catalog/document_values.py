"""What a sales document tells its target beside its own fields: VAT zone and category, note, exchange rate. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.core import OrderLine, SalesDocument
from flows.catalog.base import Given
from flows.catalog.document_settings import VAT_EXCEPTIONS
from flows.documents.vat_kinds import country_of, find_pair, kind_keys, vat_kind, zone_pair
from flows.maps.lookup import look_up

VAT, ZONE = "vat", "vat_zone"


def document_values(document: SalesDocument, given: Given) -> dict[str, Any]:
    """Return what a map may name as `resolved.<name>`, without those of settings that are off. Raises MappingError."""
    settings = given.settings
    values: dict[str, Any] = {}
    if settings.vat_zone_on_document and (zone := document_zone(document, given)):
        values["vat_zone"] = zone
    if settings.document_note:
        values["note"] = "\n\n".join(filter(None, (document.note, settings.document_note)))
    if settings.sends_exchange_rate and document.exchange_rate:
        values["exchange_rate"] = document.exchange_rate
    return values


def document_zone(document: SalesDocument, given: Given) -> str | None:
    """Return the VAT zone that the table has for the customer of a document. Raises MappingError "value.no_pair"."""
    customer = document.customer
    if customer is None:
        return None
    table = given.tables.get(ZONE)
    found = zone_pair(customer, table, given.country)
    if not found and table is not None:
        found = look_up(ZONE, table, [country_of(customer), customer.kind.value])
    return found if isinstance(found, str) else None


def with_vat_exceptions(
    document: SalesDocument, lines: Sequence[OrderLine], resolved: Sequence[dict[str, Any]], given: Given
) -> None:
    """Give lines the VAT category of a customer for which another one than that of the rate is chosen.

    A row may be for a kind of customer ("FR|eu_private"), or for one VAT rate of it in percent ("FR|eu_private:5.5").
    """
    vat = given.tables.get(VAT)
    kind = vat_kind(document.customer, given.country) if document.customer else None
    if not given.settings.vat_exceptions or document.customer is None or kind is None or (vat and vat.is_forced):
        return
    for line, one in zip(lines, resolved, strict=True):
        found = find_pair(
            given.tables.get(VAT_EXCEPTIONS), country_of(document.customer), kind_keys(kind, line.vat_rate)
        )
        if found:
            one["pairs"] = {VAT: found, **one.get("pairs", {})}
