"""Names and calling codes of countries, in English, French, Dutch, Norwegian and their own language."""

from __future__ import annotations

import re

from flows.transforms.cleaning import without_accents

CALLING_CODES = {
    "AT": "43",
    "BE": "32",
    "BG": "359",
    "CH": "41",
    "CY": "357",
    "CZ": "420",
    "DE": "49",
    "DK": "45",
    "EE": "372",
    "ES": "34",
    "FI": "358",
    "FO": "298",
    "FR": "33",
    "GB": "44",
    "GR": "30",
    "HR": "385",
    "HU": "36",
    "IE": "353",
    "IS": "354",
    "IT": "39",
    "LI": "423",
    "LT": "370",
    "LU": "352",
    "LV": "371",
    "MC": "377",
    "MT": "356",
    "NL": "31",
    "NO": "47",
    "PL": "48",
    "PT": "351",
    "RO": "40",
    "SE": "46",
    "SI": "386",
    "SK": "421",
    "TR": "90",
    "UA": "380",
    "US": "1",
    "CA": "1",
    "AU": "61",
    "CN": "86",
    "IN": "91",
    "JP": "81",
    "MA": "212",
}
KEEPS_ZERO = frozenset({"IT"})  # the leading zero is part of the number there
NAMES = {
    "AT": "Austria;Autriche;Oostenrijk;Østerrike;Österreich;Österrike;Østrig",
    "BE": "Belgium;Belgique;België;Belgia;Belgien",
    "BG": "Bulgaria;Bulgarie;Bulgarije",
    "CH": "Switzerland;Suisse;Zwitserland;Sveits;Schweiz;Svizzera",
    "CY": "Cyprus;Chypre;Kypros",
    "CZ": "Czech Republic;Czechia;République tchèque;Tchéquie;Tsjechië;Tsjekkia;Česko",
    "DE": "Germany;Allemagne;Duitsland;Tyskland;Deutschland",
    "DK": "Denmark;Danemark;Denemarken;Danmark",
    "EE": "Estonia;Estonie;Estland;Eesti",
    "ES": "Spain;Espagne;Spanje;Spania;España;Spanien",
    "FI": "Finland;Finlande;Suomi",
    "FO": "Faroe Islands;Îles Féroé;Faeröer;Færøyene",
    "FR": "France;Frankrijk;Frankrike;Frankreich;Frankrig",
    "GB": "United Kingdom;Great Britain;England;Scotland;Wales;Royaume-Uni;Grande-Bretagne;Verenigd Koninkrijk;"
    "Groot-Brittannië;Storbritannia;Storbritannien",
    "GR": "Greece;Grèce;Griekenland;Hellas",
    "HR": "Croatia;Croatie;Kroatië;Kroatia;Hrvatska",
    "HU": "Hungary;Hongrie;Hongarije;Ungarn;Magyarország",
    "IE": "Ireland;Irlande;Ierland;Irland;Éire",
    "IS": "Iceland;Islande;IJsland;Island;Ísland",
    "IT": "Italy;Italie;Italië;Italia;Italien",
    "LI": "Liechtenstein",
    "LT": "Lithuania;Lituanie;Litouwen;Litauen;Lietuva",
    "LU": "Luxembourg;Luxemburg;Lëtzebuerg",
    "LV": "Latvia;Lettonie;Letland;Latvija",
    "MC": "Monaco",
    "MT": "Malta;Malte",
    "NL": "Netherlands;The Netherlands;Holland;Pays-Bas;Nederland;Niederlande",
    "NO": "Norway;Norvège;Noorwegen;Norge;Noreg;Norwegen",
    "PL": "Poland;Pologne;Polen;Polska",
    "PT": "Portugal",
    "RO": "Romania;Roumanie;Roemenië;România;Rumänien",
    "SE": "Sweden;Suède;Zweden;Sverige;Schweden",
    "SI": "Slovenia;Slovénie;Slovenië;Slovenija",
    "SK": "Slovakia;Slovaquie;Slowakije;Slovensko",
    "TR": "Turkey;Türkiye;Turquie;Turkije;Tyrkia",
    "UA": "Ukraine;Oekraïne;Ukraina",
    "US": "United States;United States of America;USA;États-Unis;Verenigde Staten;Forente stater",
    "CA": "Canada;Kanada",
    "AU": "Australia;Australie;Australië",
    "CN": "China;Chine;Kina",
    "IN": "India;Inde",
    "JP": "Japan;Japon",
    "MA": "Morocco;Maroc;Marokko",
}


def _by_name() -> dict[str, str]:
    return {plain_name(name): code for code, names in NAMES.items() for name in names.split(";")}


def plain_name(name: str) -> str:
    """Return the name without accents, capitals and signs, as it is compared."""
    return re.sub(r"[^a-z]+", " ", without_accents(name).lower()).strip()


COUNTRY_NAMES = _by_name()
