"""Orders drawn at random in the shapes of the sandbox's Teamleader."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from connectors.sandbox.seed.documents import Document, Line
from connectors.sandbox.seed.teamleader_products import products
from connectors.sandbox.seed.teamleader_settings import BELGIUM, RATES

SOLD = products()[:6]


def drawn_document(draw: Random, *, lines: int, currency: str = "EUR", department: str = BELGIUM) -> Document:
    """Return a document with discounts, free text, negative and zero quantities, and 0 to 4 decimals."""
    return Document(
        [_line(draw, department) for _each in range(lines)],
        department,
        discounts=(("Reseller", Decimal("7.5")), ("Fair", Decimal(2))),
        currency=currency,
    )


def _line(draw: Random, department: str) -> Line:
    return Line(
        "Lamp",
        Decimal(draw.choice((0, draw.randint(-300, 30_000), draw.randint(1, 300)))).scaleb(-draw.randint(0, 4)),
        Decimal(draw.randint(0, 900_000)).scaleb(-draw.randint(0, 4)),
        rate=draw.choice(list(RATES[department])),
        product=draw.choice([*SOLD, None]),
        discount=Decimal(draw.choice(("0", "0", "15", "33.33"))),
    )
