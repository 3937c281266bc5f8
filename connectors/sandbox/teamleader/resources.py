"""The resources of Teamleader Focus as tables: sections 4 and 5 of what the vendor documents."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.teamleader import tables as t
from connectors.sandbox.teamleader.tables import Resource


def _company_texts(body: dict[str, Any]) -> list[str | None]:
    found = [body["name"], body.get("vat_number")]
    return found + [entry["email"] for entry in body["emails"]] + [entry["number"] for entry in body["telephones"]]


def _contact_texts(body: dict[str, Any]) -> list[str | None]:
    full = f"{body.get('first_name') or ''} {body['last_name']}"
    return [full] + [entry["email"] for entry in body["emails"]] + [entry["number"] for entry in body["telephones"]]


_PEOPLE_FILTERS = {
    "ids": t.ids(),
    "email": t.primary_email(),
    "tags": t.tags(),
    "updated_since": t.updated_since(),
    "status": t.status_is("active", "deactivated"),
    "marketing_mails_consent": t.boolean("marketing_mails_consent"),
}

RESOURCES = (
    Resource(
        "departments",
        "department",
        filters={"ids": t.ids(), "status": t.status_in("active", "archived")},
        sorts={"default_department": t.by("_rank"), "name": t.by_text("name"), "created_at": t.by("created_at")},
        info_only=("address", "telephones", "website", "iban", "bic", "fiscal_regime"),
        is_pageable=False,
    ),
    Resource(
        "users",
        "user",
        filters={
            "ids": t.ids(),
            "term": t.term("first_name", "last_name", "email"),
            "status": t.status_in("active", "deactivated"),
        },
        sorts={"name": t.by_text("last_name")},
        info_only=("time_zone", "preferences", "email_verification_status"),
        has_info=False,
    ),
    Resource(
        "customFieldDefinitions",
        "customFieldDefinition",
        filters={
            "ids": t.ids(),
            "context": t.equals("context"),
        },
        sorts={"label": t.by_text("label"), "context": t.by_text("context")},
    ),
    Resource(
        "products",
        "product",
        filters={"ids": t.ids(), "term": t.term("name", "code"), "updated_since": t.updated_since()},
        info_only=(
            "purchase_price",
            "selling_price",
            "tax",
            "product_category",
            "custom_fields",
            "price_list_prices",
            "suppliers",
        ),
        optional_info=("suppliers",),
    ),
    Resource(
        "productCategories",
        "productCategory",
        filters={"department_id": t.linked("ledgers", "department")},
        is_pageable=False,
        has_info=False,
    ),
    Resource("priceLists", "priceList", filters={"ids": t.ids()}, is_pageable=False, has_info=False),
    Resource("unitsOfMeasure", "unitOfMeasure", is_pageable=False, has_info=False),
    Resource(
        "taxRates",
        "taxRate",
        filters={"department_id": t.refers_to("department")},
        sorts={
            "department_id": t.by("department", "id"),
            "rate": t.by("rate"),
            "description": t.by_text("description"),
        },
        has_info=False,
    ),
    Resource("paymentTerms", "paymentTerm", is_pageable=False, has_info=False, has_default=True),
    Resource(
        "paymentMethods",
        "paymentMethod",
        filters={"ids": t.ids(), "status": t.status_in("active", "archived")},
        has_info=False,
    ),
    Resource(
        "companies",
        "company",
        filters={
            **_PEOPLE_FILTERS,
            "term": t.term_of(_company_texts),
            "vat_number": t.same_number("vat_number"),
            "national_identification_number": t.same_number("national_identification_number"),
        },
        sorts={"name": t.by_text("name"), "added_at": t.by("created_at"), "updated_at": t.by("modified_at")},
        info_only=("addresses", "remarks", "related_companies", "related_contacts"),
        list_only=("price_list",),
        optional=("custom_fields", "price_list"),
        optional_info=("related_companies", "related_contacts"),
        has_meta=True,
    ),
    Resource(
        "contacts",
        "contact",
        filters={**_PEOPLE_FILTERS, "term": t.term_of(_contact_texts), "company_id": t.linked("companies", "company")},
        sorts={"name": t.by_text("last_name"), "added_at": t.by("created_at"), "updated_at": t.by("modified_at")},
        info_only=("addresses", "remarks", "companies", "vat_number"),
        list_only=("price_list",),
        optional=("custom_fields", "price_list"),
    ),
    Resource(
        "deals",
        "deal",
        filters={
            "ids": t.ids(),
            "term": t.term("title", "reference", "_customer_name"),
            "customer": t.customer("lead__customer"),
            "phase_id": t.refers_to("current_phase"),
            "pipeline_ids": t.refers_to_any("pipeline"),
            "responsible_user_id": t.refers_to_any("responsible_user"),
            "estimated_closing_date": t.day_or_null("estimated_closing_date"),
            "estimated_closing_date_from": t.day("estimated_closing_date", "gte"),
            "estimated_closing_date_until": t.day("estimated_closing_date", "lte"),
            "updated_since": t.updated_since(),
            "created_before": t.created_before(),
            "status": t.status_in("open", "won", "lost"),
        },
        sorts={"created_at": t.by("created_at"), "weighted_value": t.by("weighted_value", "amount")},
        default_sort=("created_at", "desc"),
        info_only=("quotations", "phase_history"),
        optional=("custom_fields",),
        has_meta=True,
    ),
    Resource(
        "dealPhases",
        "dealPhase",
        filters={"ids": t.ids(), "deal_pipeline_id": t.equals("_pipeline_id")},
        has_info=False,
    ),
    Resource(
        "dealPipelines",
        "dealPipeline",
        filters={"ids": t.ids(), "status": t.status_in("open", "pending_deletion", path="_status")},
        has_info=False,
        has_meta=True,
        has_default=True,
    ),
    Resource(
        "quotations",
        "quotation",
        filters={"ids": t.ids()},
        info_only=("grouped_lines", "text", "discounts", "currency", "document_template"),
        optional=("expiry",),
        optional_info=("expiry",),
    ),
    Resource(
        "orders",
        "order",
        filters={"ids": t.ids()},
        info_only=("grouped_lines",),
        optional=("custom_fields",),
        optional_info=("custom_fields",),
    ),
    Resource(
        "invoices",
        "invoice",
        filters={
            "ids": t.ids(),
            "term": t.term("invoice_number", "purchase_order_number", "payment_reference", "invoicee__name"),
            "invoice_number": t.equals("invoice_number"),
            "department_id": t.refers_to("department"),
            "deal_id": t.refers_to("deal"),
            "project_id": t.refers_to("project"),
            "subscription_id": t.refers_to("subscription"),
            "status": t.status_in("draft", "outstanding", "matched"),
            "updated_since": t.updated_since(),
            "purchase_order_number": t.equals("purchase_order_number"),
            "payment_reference": t.equals("payment_reference"),
            "invoice_date_after": t.day("invoice_date", "gte"),
            "invoice_date_before": t.day("invoice_date", "lte"),
            "customer": t.customer("invoicee__customer"),
        },
        sorts={"invoice_number": t.by("_sequence"), "invoice_date": t.by_text("invoice_date")},
        default_sort=("invoice_number", "desc"),
        info_only=(
            "grouped_lines",
            "payments",
            "payment_term",
            "discounts",
            "currency",
            "note",
            "custom_fields",
            "expected_payment_method",
            "on_hold_since",
            "document_template",
            "peppol_status",
            "invoicee.email",
            "invoicee.national_identification_number",
            "total.tax_exclusive_before_discount",
            "total.tax_inclusive_before_discount",
            "total.withheld_taxes",
        ),
        list_only=("web_url", "subscription"),
        has_meta=True,
    ),
    Resource(
        "creditNotes",
        "creditNote",
        filters={
            "ids": t.ids(),
            "department_id": t.refers_to("department"),
            "updated_since": t.updated_since(),
            "invoice_id": t.refers_to("invoice"),
            "project_id": t.refers_to("project"),
            "customer": t.customer("invoicee__customer"),
            "credit_note_date_after": t.day("credit_note_date", "gte"),
            "credit_note_date_before": t.day("credit_note_date", "lt"),
        },
        info_only=(
            "grouped_lines",
            "discounts",
            "currency",
            "currency_exchange_rate",
            "document_template",
            "peppol_status",
            "invoicee.email",
            "invoicee.national_identification_number",
        ),
    ),
)
BY_NAME = {resource.name: resource for resource in RESOURCES}
BY_KIND = {resource.kind: resource for resource in RESOURCES}
