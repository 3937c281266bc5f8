"""Words the catalogue is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of goods: its item class, and what names and prices look like."""

    prefix: str
    item_class: str
    class_name: str
    nouns: tuple[str, ...]
    series: tuple[str, ...]
    sizes: tuple[str, ...]
    price_from: int
    price_to: int
    weight: int
    unit: str = "PCS"
    vat_category: str = "21"
    kind: str = "FinishedGoodItem"
    is_electric: bool = False


LIGHT_SERIES = ("Fjære", "Lysåker", "Noé", "Aurelle", "Søndre", "Bråten", "Leie", "Kouter", "Vindö", "Éclat", "Halden")
HOME_SERIES = ("Patershol", "Grünerløkka", "Zuid", "Tøyen", "Coupure", "Ekeberg", "Béguin", "Nydalen", "Citadel")

FAMILIES = (
    Family("LMP", "PENDANT", "Pendant lamps", ("pendant lamp", "hanging lamp", "cluster pendant"), LIGHT_SERIES,
           ("Ø 20 cm", "Ø 35 cm", "Ø 50 cm", "3-light"), 39, 690, 26, is_electric=True),
    Family("LMP", "TABLELAMP", "Table lamps", ("table lamp", "desk lamp", "reading lamp"), LIGHT_SERIES,
           ("small", "medium", "large"), 29, 320, 18, is_electric=True),
    Family("WLL", "WALLLAMP", "Wall and ceiling lamps", ("wall lamp", "ceiling spot", "up-down light"), LIGHT_SERIES,
           ("single", "double", "IP44"), 24, 260, 14, is_electric=True),
    Family("BLB", "BULB", "Bulbs", ("LED bulb", "filament bulb", "LED tube"), LIGHT_SERIES,
           ("E27", "E14", "GU10", "G9"), 3, 28, 12, is_electric=True),
    Family("CHR", "CHAIR", "Chairs and stools", ("dining chair", "bar stool", "lounge chair"), HOME_SERIES,
           ("H 45 cm", "H 65 cm", "H 75 cm"), 79, 940, 9),
    Family("TBL", "TABLE", "Tables", ("side table", "dining table", "console"), HOME_SERIES,
           ("90 cm", "140 cm", "180 × 90 cm", "220 × 100 cm"), 119, 2400, 7),
    Family("TXT", "TEXTILE", "Textiles", ("throw", "cushion cover", "rug"), HOME_SERIES,
           ("50 × 50 cm", "130 × 170 cm", "200 × 300 cm"), 19, 780, 7),
    Family("BKS", "BOOK", "Books and magazines", ("interior book", "lighting guide"), HOME_SERIES,
           ("hardcover", "paperback"), 15, 75, 2, vat_category="6"),
    Family("PLT", "PLANT", "Plants", ("olive tree", "fig tree", "fern"), HOME_SERIES,
           ("60 cm", "120 cm"), 18, 210, 2, vat_category="6"),
    Family("CBL", "CABLE", "Cable by the metre", ("textile cable", "rail profile"), LIGHT_SERIES,
           ("2 × 0.75 mm²", "3 × 1.5 mm²"), 1, 14, 3, unit="M"),
    Family("CMP", "PART", "Spare parts", ("ceiling rose", "lamp holder", "shade ring"), LIGHT_SERIES,
           ("M10", "E27", "set"), 2, 45, 3, kind="ComponentPartItem"),
    Family("SRV", "SERVICE", "Services", ("installation", "light plan", "delivery on site"), HOME_SERIES,
           ("",), 45, 480, 2, kind="ServiceItem"),
    Family("HRS", "LABOUR", "Labour", ("fitter, hour", "designer, hour"), HOME_SERIES,
           ("",), 48, 95, 2, unit="HOUR", kind="LaborItem"),
    Family("FEE", "CHARGE", "Charges", ("pallet deposit", "small order fee"), HOME_SERIES,
           ("",), 5, 40, 1, vat_category="0", kind="NonStockItem"),
)  # fmt: skip

COLOURS = ("White", "Black", "Sand", "Forest", "Brass", "Copper", "Cream", "Ink")
MATERIALS = ("oak", "ash", "brushed steel", "mouth-blown glass", "linen", "wool", "recycled aluminium", "travertine")
ROOMS = ("BEDROOM", "HALL", "KITCHEN", "LIVING", "OFFICE", "TERRACE")
SENTENCES = (
    "Finished by hand in a small workshop outside Ghent.",
    "Delivered flat; assembly takes ten minutes and no tools.",
    "The shade softens the light &amp; keeps glare off the table.",
    "Spare parts stay available for ten years.",
    "Suits both hôtel lobbies and homes with low ceilings.",
    "Wipe with a damp cloth; do not use solvents.",
    "Combines well with every other piece of the series.",
    "Packed without plastic, 100 % recyclable.",
    "Tested to 25.000 hours at full brightness.",
    "Each piece differs slightly in grain and colour – a façade of its own.",
    "Cable length 2.5 m, shortened on request free of charge.",
    "Certified wood from managed forests in Østfold.",
)
