"""Groups of countries that usually share a VAT zone: four questions in the place of one per country."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from flows.documents.vat_kinds import EUROPEAN_UNION, VatKind
from flows.maps.lookup import ANY


@dataclass(frozen=True, slots=True)
class CountryGroup:
    """Customers that one answer is for, and the keys of the value table that it fills."""

    name: str
    title: str
    keys: tuple[str, ...]


def country_groups(home: str) -> list[CountryGroup]:
    """Return the groups as seen from the company's own country; without one, everywhere is one group."""
    everywhere = CountryGroup("elsewhere", _("All other customers"), (ANY,))
    if not home:
        return [everywhere]
    own = CountryGroup("home", _("Customers in your own country (%(country)s)") % {"country": home}, (f"{home}|{ANY}",))
    if home not in EUROPEAN_UNION:
        return [own, everywhere]
    others = [country for country in EUROPEAN_UNION if country != home]
    companies = tuple(f"{country}|{VatKind.EU_BUSINESS.value}" for country in others)
    persons = tuple(f"{country}|{VatKind.EU_PRIVATE.value}" for country in others)
    return [
        own,
        CountryGroup("eu-company", _("Customers elsewhere in the EU with a VAT number"), companies),
        CountryGroup("eu-person", _("Customers elsewhere in the EU without a VAT number"), persons),
        everywhere,
    ]
