"""Deals and their quotations: 46 won between 60 and 1 days ago, twelve open or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from connectors.sandbox.seed import documents
from connectors.sandbox.seed.documents import Document
from connectors.sandbox.seed.people import Company, Person, companies, persons
from connectors.sandbox.seed.records import Body, Record, link, money, stamp, uid
from connectors.sandbox.seed.teamleader_quotations import OPEN, SHAPES, Shape
from connectors.sandbox.seed.teamleader_settings import PHASES, WON_PHASE, custom_field

WON, UNDECIDED, LOST = 46, 8, 4
_TOPICS = (
    "lighting plan",
    "showroom",
    "new office",
    "extension",
    "refurbishment",
    "terrace",
    "reception",
    "yearly order",
)


@dataclass(frozen=True)
class Deal:
    """What the quotations and invoices of a deal are made from."""

    number: int
    status: str
    shape: Shape
    customer: Company | Person
    closed_at: datetime | None
    created_at: datetime
    modified_at: datetime
    documents: tuple[Document, ...]

    @property
    def lead(self) -> Body:
        kind = "company" if isinstance(self.customer, Company) else "contact"
        colleague = next(
            (person for person in persons() if kind == "company" and person.company == self.customer.number), None
        )
        return {
            "customer": link(kind, self.customer.number),
            "contact_person": link("contact", colleague.number) if colleague else None,
        }

    @property
    def customer_name(self) -> str:
        if isinstance(self.customer, Company):
            return self.customer.name
        return f"{self.customer.first_name} {self.customer.last_name}"


def deals(now: datetime) -> list[Deal]:
    """Each shape once, and plain ones between them; the won ones first, oldest first."""
    shapes = [SHAPES[index // 2] if index % 2 == 0 else SHAPES[0] for index in range(WON - 1)]
    used = {shape.name for shape in shapes}
    plain = [index for index, shape in enumerate(shapes) if index % 2]
    for index, shape in zip(plain, [shape for shape in SHAPES if shape.name not in used], strict=False):
        shapes[index] = shape
    shapes.append(SHAPES[1])
    won = [_deal(index + 1, "won", shape, now) for index, shape in enumerate(shapes)]
    rest = [
        _deal(WON + index + 1, "open" if index < UNDECIDED else "lost", SHAPES[index % 5], now)
        for index in range(UNDECIDED + LOST)
    ]
    return won + rest


def records(now: datetime) -> list[Record]:
    found = deals(now)
    return [_record(deal) for deal in found] + [record for deal in found for record in _quotations(deal)]


def won_deal(number: int, shape: Shape, now: datetime) -> list[Record]:
    """Return a deal that was won just now, with its quotations; its number is new."""
    deal = _deal(number, "won", shape, now)
    fresh = replace(deal, closed_at=now, created_at=now - timedelta(days=3), modified_at=now)
    return [_record(fresh), *_quotations(fresh)]


def changed_quotation(number: int, now: datetime) -> Record:
    """Return the first quotation of a seeded deal as somebody changed it: two more of the first line."""
    deal = next(deal for deal in deals(now) if deal.number == number)
    first, *others = deal.documents[0].lines
    document = replace(deal.documents[0], lines=[replace(first, quantity=first.quantity + 2), *others])
    return _quotation(deal, 0, document, deal.shape.statuses[0])


def customer_of_deal(number: int, now: datetime) -> str:
    """Return the key of who bought in a seeded deal: "company:<id>" or "contact:<id>"."""
    customer = next(deal for deal in deals(now) if deal.number == number).lead["customer"]
    return f"{customer['type']}:{customer['id']}"


def quotation_name(deal: Deal, index: int) -> str:
    return f"{deal.number}/{index}"


def _deal(number: int, status: str, shape: Shape, now: datetime) -> Deal:
    draw = Random(f"deal {number}")  # noqa: S311 - made-up orders, not secrets
    if status == "won":
        modified_at = now - timedelta(days=60 - (number - 1) * 59 / (WON - 1), minutes=number % 50)
    else:
        modified_at = now - timedelta(days=draw.randint(1, 40), minutes=draw.randint(0, 600))
    customer = _customer(shape.buyer, number)
    return Deal(
        number=number,
        status=status,
        shape=shape,
        customer=customer,
        closed_at=None if status == "open" else modified_at,
        created_at=modified_at - timedelta(days=draw.randint(3, 30)),
        modified_at=modified_at,
        documents=tuple(shape.document(draw) for _ in shape.statuses),
    )


def _customer(buyer: str, number: int) -> Company | Person:
    if buyer == "person":
        return [person for person in persons() if not person.company and person.country == "BE"][number % 5]
    firms = [firm for firm in _firms() if firm.country in (("NL", "FR", "DE") if buyer == "EU" else (buyer,))]
    return firms[number % len(firms)]


@cache
def _firms() -> tuple[Company, ...]:
    return tuple(companies())


def _record(deal: Deal) -> Record:
    accepted = [
        document
        for document, status in zip(deal.documents, deal.shape.statuses, strict=True)
        if deal.status != "won" or status == "accepted"
    ] or list(deal.documents)
    value = documents.totals(accepted[0])["tax_exclusive"]
    probability = {"won": 1, "lost": 0, "open": 0.5}[deal.status]
    phase = WON_PHASE if deal.status == "won" else PHASES[deal.number % 4]
    body: Body = {
        "id": uid("deal", deal.number),
        "title": f"{deal.customer_name}: {_TOPICS[deal.number % len(_TOPICS)]}",
        "summary": None,
        "reference": f"{deal.created_at.year}/{deal.number}",
        "status": deal.status,
        "lead": deal.lead,
        "department": link("department", deal.shape.department),
        "estimated_value": value,
        "estimated_closing_date": deal.modified_at.date().isoformat(),
        "estimated_probability": probability,
        "weighted_value": _weighted(value, probability),
        "purchase_order_number": f"PO-{7000 + deal.number}" if deal.number % 3 == 0 else None,
        "current_phase": link("dealPhase", phase),
        "responsible_user": link("user", deal.number % 3),
        "closed_at": stamp(deal.closed_at) if deal.closed_at else None,
        "source": None,
        "phase_history": [
            _phase_entry(PHASES[0], deal.created_at, deal),
            *([_phase_entry(phase, deal.modified_at, deal)] if phase != PHASES[0] else []),
        ],
        "quotations": [link("quotation", quotation_name(deal, index)) for index in range(len(deal.documents))],
        "lost_reason": {"reason": None, "remark": "Chose another supplier"} if deal.status == "lost" else None,
        "created_at": stamp(deal.created_at),
        "updated_at": stamp(deal.modified_at),
        "web_url": f"https://focus.teamleader.eu/sale_detail.php?id={deal.number}",
        "custom_fields": [custom_field("sale", "Delivery", ("Pick-up", "Own transport", "Courier")[deal.number % 3])],
        "currency_exchange_rate": documents.exchange(accepted[0]),
        "pipeline": link("dealPipeline", "Sales"),
        "_customer_name": deal.customer_name,
    }
    return Record("deal", body["id"], body, deal.created_at, deal.modified_at)


def _weighted(value: Body, probability: float) -> Body:
    amount = Decimal(str(value["amount"])) * Decimal(str(probability))
    return money(documents.cents(amount), value["currency"])


def _phase_entry(phase: str, at: datetime, deal: Deal) -> Body:
    started_at = f"{at:%Y-%m-%d %H:%M:%S}"
    return {"phase": link("dealPhase", phase), "started_at": started_at, "started_by": link("user", deal.number % 3)}


def _quotations(deal: Deal) -> list[Record]:
    return [
        _quotation(deal, index, document, status if deal.status == "won" else OPEN)
        for index, (document, status) in enumerate(zip(deal.documents, deal.shape.statuses, strict=True))
    ]


def _quotation(deal: Deal, index: int, document: Document, status: str) -> Record:
    total = documents.totals(document)
    expires_at = deal.created_at + timedelta(days=60)
    body: Body = {
        "id": uid("quotation", quotation_name(deal, index)),
        "deal": link("deal", deal.number),
        "grouped_lines": documents.grouped_lines(document, "quotation"),
        "currency": document.currency,
        "currency_exchange_rate": documents.exchange(document),
        "text": "Dear customer,\n\nbelow is **our offer**. It holds for sixty days.",
        "total": {**total, "purchase_price": money(documents.purchase_price(document), document.currency)},
        "discounts": documents.discounts(document),
        "created_at": None if deal.shape.is_old else stamp(deal.created_at),
        "updated_at": None if deal.shape.is_old else stamp(deal.modified_at),
        "status": status,
        "name": f"Offer {index + 1}",
        "document_template": None,
        "expiry": {"expires_after": expires_at.date().isoformat(), "action_after_expiry": "none"},
    }
    return Record("quotation", body["id"], body, deal.created_at, deal.modified_at)
