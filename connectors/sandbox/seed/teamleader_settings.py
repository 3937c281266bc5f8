"""What the fake Teamleader account is set up with: legal entities, rates, units, terms, custom fields, pipelines."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sandbox.seed.catalog import ENERGY_CLASSES
from connectors.sandbox.seed.records import Body, Record, link, number, uid

BELGIUM, NETHERLANDS = "Lumière & Wonen BV", "Lumière & Wonen Nederland B.V."
RATES: dict[str, dict[str, Decimal]] = {
    BELGIUM: {
        "21%": Decimal("0.21"),
        "12%": Decimal("0.12"),
        "6%": Decimal("0.06"),
        "0%": Decimal(0),
        "0% Intracommunautair": Decimal(0),
        "0% Export": Decimal(0),
        "0% Medecontractant": Decimal(0),
    },
    NETHERLANDS: {"21%": Decimal("0.21"), "9%": Decimal("0.09"), "0%": Decimal(0)},
}
UNITS = ("piece", "box", "set", "m", "m²", "hour")
TERMS: tuple[Body, ...] = (
    {"type": "cash"},
    {"type": "after_invoice_date", "days": 14},
    {"type": "after_invoice_date", "days": 30},
    {"type": "end_of_month", "days": 30},
    {"type": "after_invoice_date", "days": 60},
)
CATEGORIES = {
    "Lighting": "701000",
    "Furniture": "702000",
    "Textiles": "703000",
    "Decoration": "704000",
    "Parts": "705000",
    "Services": "700100",
}
PHASES = ("New", "Contacted", "Quotation sent", "Negotiation", "Won")
WON_PHASE = PHASES[-1]
LATER_PHASES = ("Delivered", "Invoiced")  # of deals that are won
COLOURS_FIELD, EAN_FIELD, ENERGY_FIELD = "Colour", "EAN", "Energy class"


def rate_link(department: str, rate: str) -> Body:
    return link("taxRate", f"{department}/{rate}")


def records(now: datetime) -> list[Record]:
    """Everything here is two years old: settings hardly change."""
    at = now - timedelta(days=730)
    bodies = [*_people(), *_departments(), *_money(), *_goods(), *_fields(), *_pipeline()]
    return [Record(kind, body["id"], body, at, at) for kind, body in bodies]


def _people() -> list[tuple[str, Body]]:
    names = (("An", "De Clercq"), ("Karel", "Willems"), ("Sophie", "Lambert"))
    return [
        (
            "user",
            {
                "id": uid("user", index),
                "first_name": first,
                "last_name": last,
                "email": f"{first.lower()}@lumiere-wonen.example",
                "email_verification_status": "confirmed",
                "telephones": [{"type": "phone", "number": f"+32 9 245 10 {index:02d}"}],
                "language": "nl",
                "function": "Sales" if index else "Office manager",
                "status": "active",
                "time_zone": "Europe/Brussels",
                "preferences": {"invoiceable": True, "historic_time_tracking_limit": None, "whitelabeling": False},
            },
        )
        for index, (first, last) in enumerate(names)
    ]


def _departments() -> list[tuple[str, Body]]:
    rows = (
        (BELGIUM, "BE0899623035", "Dok Noord 7", "9000", "Ghent", "BE", "BE71 0961 2345 6769"),
        (NETHERLANDS, "NL861234567B01", "Wijnhaven 102", "3011 WS", "Rotterdam", "NL", "NL91 ABNA 0417 1643 00"),
    )
    return [
        (
            "department",
            {
                "id": uid("department", name),
                "name": name,
                "vat_number": vat_number,
                "address": {
                    "line_1": street,
                    "postal_code": postal_code,
                    "city": city,
                    "country": country,
                    "area_level_two": None,
                },
                "emails": [{"type": "primary", "email": "info@lumiere-wonen.example"}],
                "telephones": [{"type": "phone", "number": "+32 9 245 10 00"}],
                "website": "https://lumiere-wonen.example",
                "currency": "EUR",
                "iban": iban,
                "bic": None,
                "fiscal_regime": None,
                "status": "active",
                "_rank": rank,
            },
        )
        for rank, (name, vat_number, street, postal_code, city, country, iban) in enumerate(rows)
    ]


def _money() -> list[tuple[str, Body]]:
    rates = [
        (
            "taxRate",
            {
                "id": uid("taxRate", f"{department}/{name}"),
                "description": name,
                "rate": number(rate),
                "department": link("department", department),
            },
        )
        for department, by_name in RATES.items()
        for name, rate in by_name.items()
    ]
    terms = [
        ("paymentTerm", {"id": uid("paymentTerm", index), **term, "_default": index == 2})
        for index, term in enumerate(TERMS)
    ]
    methods = [
        (
            "paymentMethod",
            {"id": uid("paymentMethod", name), "name": name, "status": "archived" if name == "Cheque" else "active"},
        )
        for name in ("Bank transfer", "Bancontact", "Credit card", "Cash", "Direct debit", "Cheque")
    ]
    lists = [
        ("priceList", {"id": uid("priceList", name), "name": name, "calculation_method": method})
        for name, method in (("Resellers", "manual"), ("Architects", "based_on_price_list"))
    ]
    return [*rates, *terms, *methods, *lists]


def _goods() -> list[tuple[str, Body]]:
    units = [("unitOfMeasure", {"id": uid("unitOfMeasure", name), "name": name}) for name in UNITS]
    categories = [
        (
            "productCategory",
            {
                "id": uid("productCategory", name),
                "name": name,
                "ledgers": [
                    {"department": link("department", department), "ledger_account_number": ledger}
                    for department in ((BELGIUM,) if name == "Services" else RATES)
                ],
            },
        )
        for name, ledger in CATEGORIES.items()
    ]
    return [*units, *categories]


def _fields() -> list[tuple[str, Body]]:
    colours = ("Black", "White", "Brass", "Oak", "Sage", "Terracotta")
    rows: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("product", "single_line", EAN_FIELD, ()),
        ("product", "single_line", COLOURS_FIELD, ()),
        ("product", "single_select", ENERGY_FIELD, ENERGY_CLASSES),
        ("product", "multi_select", "Available colours", colours),
        ("product", "boolean", "Dimmable", ()),
        ("product", "integer", "Watt", ()),
        ("product", "date", "Launched on", ()),
        ("company", "single_line", "Debtor number", ()),
        ("company", "single_select", "Customer group", ("Retail", "Project", "Hospitality")),
        ("contact", "boolean", "Wants the catalogue", ()),
        ("sale", "single_line", "Order number in ERP", ()),
        ("sale", "single_line", "Order status in ERP", ()),
        ("sale", "single_line", "Invoice number in ERP", ()),
        ("sale", "single_line", "Tracking number", ()),
        ("sale", "url", "Tracking link", ()),
        ("sale", "single_select", "Delivery", ("Pick-up", "Own transport", "Courier")),
        ("sale", "date", "Wanted delivery date", ()),
        ("invoice", "single_line", "Invoice number in ERP", ()),
    )
    return [
        (
            "customFieldDefinition",
            {
                "id": uid("customFieldDefinition", f"{context}/{label}"),
                "context": context,
                "type": kind,
                "label": label,
                "group": "Linked systems" if "ERP" in label or "Debtor" in label else "General",
                "required": False,
                "configuration": {
                    "options": [
                        {"id": uid("option", f"{context}/{label}/{value}"), "value": value} for value in options
                    ],
                    "extra_option_allowed": False,
                    "default_value": None,
                }
                if options
                else {},
            },
        )
        for context, kind, label, options in rows
    ]


def _pipeline() -> list[tuple[str, Body]]:
    pipeline: Body = {"id": uid("dealPipeline", "Sales"), "name": "Sales", "_default": True, "_status": "open"}
    projects: Body = {"id": uid("dealPipeline", "Projects"), "name": "Projects", "_default": False, "_status": "open"}
    phases = [
        (
            "dealPhase",
            {
                "id": uid("dealPhase", name),
                "name": name,
                "actions": ["create_task"] if rank == 0 else [],
                "requires_attention_after": {"amount": 7, "unit": "days"},
                "probability": min(1, rank / (len(PHASES) - 1)),
                "_pipeline_id": pipeline["id"],
            },
        )
        for rank, name in enumerate((*PHASES, *LATER_PHASES))
    ]
    return [("dealPipeline", pipeline), ("dealPipeline", projects), *phases]


def custom_field(context: str, label: str, value: object) -> Body:
    return {"definition": link("customFieldDefinition", f"{context}/{label}"), "value": value}
