"""The shapes quotations come in: one function per peculiarity, so that each occurs and can be named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from connectors.sandbox.seed.documents import Document, Line
from connectors.sandbox.seed.teamleader_products import SHARED, Product, products
from connectors.sandbox.seed.teamleader_settings import BELGIUM, NETHERLANDS

ACCEPTED, REJECTED, OPEN, EXPIRED = "accepted", "rejected", "open", "expired"


@dataclass(frozen=True)
class Shape:
    """One kind of deal: who buys ("BE", "NL", "EU", "NO", "person") and which quotations it holds."""

    name: str
    make: Callable[[Random], list[Line]]
    buyer: str = "BE"
    department: str = BELGIUM
    statuses: tuple[str, ...] = (ACCEPTED,)
    discounts: tuple[tuple[str, Decimal], ...] = ()
    currency: str = "EUR"
    exchange_rate: Decimal = Decimal(1)
    is_old: bool = False  # from before the times of a quotation were kept

    def document(self, draw: Random) -> Document:
        return Document(self.make(draw), self.department, self.discounts, self.currency, self.exchange_rate)


def _goods(draw: Random, count: int, *, rate: str = "21%") -> list[Line]:
    return [_line(product, draw, rate=rate) for product in draw.sample(products()[:SHARED], count)]


def _line(product: Product, draw: Random, *, rate: str = "21%") -> Line:
    return Line(product.title, Decimal(draw.randint(1, 12)), product.price, rate, product)


def _plain(draw: Random) -> list[Line]:
    return _goods(draw, draw.randint(1, 6))


def _line_discounts(draw: Random) -> list[Line]:
    values = ("5", "12.5", "33.33")
    return [replace(line, discount=Decimal(draw.choice(values))) for line in _goods(draw, 4)] + _goods(draw, 1)


def _free_text(draw: Random) -> list[Line]:
    delivery = Line("Delivery and installation on site", Decimal(1), Decimal("85.00"))
    note = Line("Colours to be confirmed", Decimal(1), Decimal(0), extended="- walls: *white*\n- doors: **oak**")
    return [*_goods(draw, 2), delivery, note]


def _zero_rate(name: str) -> Callable[[Random], list[Line]]:
    return lambda draw: _goods(draw, 3, rate=name)


def _unknown_product(draw: Random) -> list[Line]:
    return [*_goods(draw, 2), _line(draw.choice(products()[SHARED:]), draw)]


def _zero_quantity(draw: Random) -> list[Line]:
    return [*_goods(draw, 2), replace(_goods(draw, 1)[0], quantity=Decimal(0))]


def _negative(draw: Random) -> list[Line]:
    return [*_goods(draw, 3), Line("Goodwill for late delivery", Decimal(1), Decimal("-50.00"))]


def _returned(draw: Random) -> list[Line]:
    return [*_goods(draw, 3), replace(_goods(draw, 1)[0], quantity=Decimal(-1))]


def _many(draw: Random) -> list[Line]:
    return _goods(draw, 60)


def _decimals(draw: Random) -> list[Line]:
    quantities = ("2.5", "0.75", "13.333")
    return [replace(line, quantity=Decimal(draw.choice(quantities))) for line in _goods(draw, 4)]


def _fine_prices(draw: Random) -> list[Line]:
    return [replace(line, price=line.price + Decimal("0.0049")) for line in _goods(draw, 5)]


def _recurring(draw: Random) -> list[Line]:
    contract = Line("Maintenance of the lighting plan", Decimal(1), Decimal("49.00"), periodicity=("month", 1))
    return [*_goods(draw, 2), contract]


def _sections(draw: Random) -> list[Line]:
    rooms = ("Ground floor", "First floor", "Garden")
    return [replace(line, section=room) for room in rooms for line in _goods(draw, 2)]


def _mixed_rates(draw: Random) -> list[Line]:
    return [*_goods(draw, 2), *_goods(draw, 2, rate="6%"), *_goods(draw, 1, rate="12%")]


def _described(draw: Random) -> list[Line]:
    text = (
        "Finish as agreed:\n\n1. sanded\n2. *oiled* twice\n\nSee [our care guide](https://lumiere-wonen.example/care)."
    )
    return [replace(line, extended=text) for line in _goods(draw, 2)]


WELCOME = (("Welcome discount", Decimal(10)),)
TWO_DISCOUNTS = (("Project discount", Decimal("7.5")), ("Early order", Decimal(2)))
SHAPES = (
    Shape("plain", _plain),
    Shape("line_discounts", _line_discounts),
    Shape("document_discount", _plain, discounts=WELCOME),
    Shape("two_document_discounts", _line_discounts, discounts=TWO_DISCOUNTS),
    Shape("free_text", _free_text),
    Shape("intra_community", _zero_rate("0% Intracommunautair"), buyer="EU"),
    Shape("export", _zero_rate("0% Export"), buyer="NO"),
    Shape("private_person", _plain, buyer="person"),
    Shape("unknown_product", _unknown_product),
    Shape("one_of_two_accepted", _plain, statuses=(REJECTED, ACCEPTED)),
    Shape("two_accepted", _plain, statuses=(ACCEPTED, ACCEPTED)),
    Shape("none_accepted", _plain, statuses=(OPEN, EXPIRED)),
    Shape("zero_quantity", _zero_quantity),
    Shape("negative_line", _negative),
    Shape("returned_goods", _returned),
    Shape("many_lines", _many),
    Shape("decimal_quantities", _decimals),
    Shape("fine_prices", _fine_prices),
    Shape("other_currency", _plain, buyer="NO", currency="USD", exchange_rate=Decimal("0.9134")),
    Shape("recurring_line", _recurring),
    Shape("sections", _sections),
    Shape("mixed_rates", _mixed_rates),
    Shape("dutch_department", _plain, buyer="NL", department=NETHERLANDS),
    Shape("old_quotation", _described, is_old=True),
    Shape("person_with_discount", _line_discounts, buyer="person", discounts=WELCOME),
    Shape("co_contractor", _zero_rate("0% Medecontractant")),
)
