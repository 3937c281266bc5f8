"""Groups of countries that usually share a VAT zone: four questions in the place of one per country."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from flows.lookup import ANY

EUROPEAN_UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


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
    companies = tuple(f"{country}|company" for country in others)
    persons = tuple(f"{country}|person" for country in others)
    return [
        own,
        CountryGroup("eu-company", _("Companies elsewhere in the EU"), companies),
        CountryGroup("eu-person", _("Private persons elsewhere in the EU"), persons),
        everywhere,
    ]
