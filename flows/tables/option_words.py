"""Reading what the name of an option means: payment terms and units, in the languages of our users."""

from __future__ import annotations

import re

from connectors.base import Option
from flows.transforms.cleaning import without_accents

Term = tuple[str, int]

CASH = frozenset(
    [
        "cash",
        "contant",
        "contante",
        "kontant",
        "comptant",
        "direct",
        "immediate",
        "immediately",
        "immediat",
        "onmiddellijk",
        "straks",
        "omgaende",
        "straksbetaling",
        "prepaid",
        "vooruitbetaling",
        "forskudd",
    ]
)
END_OF_MONTH = re.compile(
    r"\b(end of (the )?month|eom|einde maand|eind maand|fin de mois|fin mois|fdm|manedens utgang|slutet av manaden|"
    r"manadsskifte|lopende maned|utgangen av maned\w*|month end|ultimo)\b"
)
DAYS = re.compile(r"\b(\d{1,3}) ?(dagen|dag|dagar|dager|dage|days?|jours?|tage?|d|j|dgn)\b")
NET = re.compile(r"\b(?:net|netto|n) ?(\d{1,3})\b")
CODED = re.compile(r"(after_invoice_date|end_of_month)(?::(\d{1,3}))?\Z")

UNITS = {
    "piece": "stk st stuk stuks pcs pc pce piece pieces ea each unit units unite unites eenheid eenheden styck stykk p",
    "hour": "tim timer time timme timmar uur uren u h hr hrs hour hours heure heures stunde",
    "minute": "min minute minutes minuut minuten minutt minutter",
    "day": "dag dagen dager dagar day days jour jours dgn",
    "week": "week weken weeks uke uker vecka veckor semaine semaines",
    "month": "maand maanden mnd maned maneder manad manader month months mois",
    "year": "jaar jaren ar year years an annee annees",
    "kilogram": "kg kilo kilogram kilogramme kilogrammes kilograms",
    "gram": "g gr gram gramme grammes grams",
    "tonne": "t ton tonne tonnes tonn",
    "metre": "m mtr meter metre metres meters",
    "centimetre": "cm centimeter centimetre",
    "millimetre": "mm millimeter millimetre",
    "kilometre": "km kilometer kilometre kilometres kilometers",
    "square metre": "m2 qm kvm sqm kvadratmeter",
    "cubic metre": "m3 cbm kubikkmeter kubikmeter",
    "litre": "l ltr lt liter litre litres liters",
    "box": "box boxes doos dozen eske esker kartong krt boite boites carton cartons kasse ctn",
    "pack": "pack packs pak pakken pakke pakker paket paquet paquets package pk pkg pkt frp",
    "pair": "pair pairs paar par paire paires pr",
    "set": "set sets sett sats lot",
    "pallet": "pallet pallets palle paller pall palett palette palettes pal",
    "roll": "roll rolls rol rollen rull ruller rulle rouleau rouleaux rl",
    "bottle": "bottle bottles fles flessen flaske flasker flaska bouteille bouteilles fl",
    "bag": "bag bags zak zakken pose poser pase sac sacs sekk",
    "kilowatt-hour": "kwh kilowattuur kilowattime kilowattheure",
    "flat rate": "forfait forfaitair flat lump rundsum fastpris ff",
}


PHRASES = {
    "square metre": ("vierkante meter", "metre carre", "square metre", "square meter"),
    "cubic metre": ("kubieke meter", "metre cube", "cubic metre", "cubic meter"),
}


def plain_words(text: str) -> str:
    """Return the text without capitals, accents and signs."""
    return " ".join(re.findall(r"[a-z0-9]+", without_accents(text[:200]).lower()))


UNIT_BY_WORD = {word: unit for unit, words in UNITS.items() for word in (*words.split(), *PHRASES.get(unit, ()))}


def find_unit(option: Option) -> str:
    """Return the unit the option's value or name stands for, or ""."""
    for text in (option.label, option.value):
        unit = UNIT_BY_WORD.get(plain_words(text.replace("²", "2").replace("³", "3")))
        if unit:
            return unit
    return ""


def find_term(option: Option) -> Term | None:
    """Return the payment term the option stands for: its type and days."""
    coded = CODED.match(option.value)
    if coded:
        return (coded[1], int(coded[2] or 0))
    if option.value == "cash":
        return ("cash", 0)
    return _term_in_words(plain_words(option.label))


def _term_in_words(words: str) -> Term | None:
    days = DAYS.search(words) or NET.search(words)
    if END_OF_MONTH.search(words):
        return ("end_of_month", int(days[1]) if days else 0)
    if days:
        return ("after_invoice_date", int(days[1])) if int(days[1]) else ("cash", 0)
    return ("cash", 0) if CASH & set(words.split()) else None
