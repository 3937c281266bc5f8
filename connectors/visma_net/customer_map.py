"""How a core customer becomes a Visma.net customer, unless an organization says otherwise.

The ERP owns what steers money (terms, VAT zone, class): such fields are written when the customer is made.
"""

from __future__ import annotations

from connectors.maps import FieldMap, OnError, ResourceMap, Step, When


def cut(length: int) -> tuple[Step, ...]:
    """Return the steps that make a text fit."""
    return (Step(fn="trim"), Step(fn="truncate", args={"length": length}))


def address(target: str, source: str) -> tuple[FieldMap, ...]:
    """Return the maps of an address; `source` is "" for one that is the item of a list itself."""
    at = f"{source}." if source else ""
    return (
        FieldMap(target=f"{target}.addressLine1", source=f"{at}line_1", steps=cut(50)),
        FieldMap(target=f"{target}.postalCode", source=f"{at}postal_code", steps=cut(20)),
        FieldMap(target=f"{target}.city", source=f"{at}city", steps=cut(50)),
        FieldMap(target=f"{target}.countryId", source=f"{at}country", steps=(Step(fn="upper"),)),
    )


CUSTOMER_MAP = ResourceMap(
    fields=(
        FieldMap(target="name", source="name", steps=cut(60), required=True),
        FieldMap(
            target="customerClassId",
            source="resolved.keys.customer_class",
            table="customer_class",
            when=When.ON_CREATE,
            required=True,
        ),
        FieldMap(target="status", constant="Active", when=When.ON_CREATE),
        FieldMap(target="vatRegistrationId", source="vat_number", steps=cut(50), when=When.IF_UNTOUCHED),
        FieldMap(target="corporateId", source="registration_number", steps=cut(50), when=When.IF_UNTOUCHED),
        FieldMap(target="currencyId", source="currency", when=When.ON_CREATE),
        FieldMap(target="creditTermsId", source="payment_term", table="credit_terms", when=When.ON_CREATE),
        FieldMap(
            target="vatZoneId",
            source="primary_address.country|kind",
            table="vat_zone",
            when=When.ON_CREATE,
        ),
        FieldMap(
            target="priceClassId",
            source="resolved.keys.customer_price_class",
            table="customer_price_class",
            when=When.ON_CREATE,
        ),
        FieldMap(
            target="glAccounts.salesAccount",
            source="resolved.keys.sales_account",
            table="sales_account",
            when=When.ON_CREATE,
        ),
        FieldMap(target="peppolScheme.endpoint", source="e_invoice_address", steps=(Step(fn="trim"),)),
        *address("mainAddress", "primary_address"),
        FieldMap(target="mainContact.name", source="name", steps=cut(255)),
        FieldMap(
            target="mainContact.attention",
            expression="contact_person && join(' ', [contact_person.first_name || '', contact_person.last_name])",
            steps=cut(255),
            when=When.ON_CREATE,
            on_error=OnError.EMPTY,
        ),
        FieldMap(target="mainContact.email", source="email", steps=cut(255), when=When.IF_UNTOUCHED),
        FieldMap(target="mainContact.phone1", source="phone", steps=cut(50), when=When.IF_UNTOUCHED),
        FieldMap(target="mainContact.web", source="website", steps=cut(255), when=When.IF_UNTOUCHED),
        *address("invoiceAddress", "invoice_address"),
        FieldMap(target="invoiceContact.email", source="invoice_email", steps=cut(255), when=When.IF_UNTOUCHED),
        *address("deliveryAddress", "delivery_address"),
    ),
    lists={
        "contacts": (
            FieldMap(target="firstName", source="first_name", steps=cut(50)),
            FieldMap(target="lastName", source="last_name", steps=cut(100), required=True),
            FieldMap(target="email", source="email", steps=cut(255)),
            FieldMap(target="phone1", source="phone", steps=cut(50)),
            FieldMap(target="position", source="position", steps=cut(255)),
        ),
        "locations": (
            FieldMap(target="locationName", expression="addressee || line_1", steps=cut(60)),
            *address("address", ""),
        ),
    },
)
