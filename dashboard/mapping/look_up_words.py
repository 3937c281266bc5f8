"""What a person may look in with the function “Look up in the other system”, and which field of it may be taken."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from connectors.services import offline_connector
from flows.maps.look_ups import places_of
from flows.models import Flow
from flows.transforms.look_up import CODE, ID, LOOK_UP, NAME

Choices = tuple[tuple[str, str], ...]
LISTS: dict[str, Promise] = {
    "accounts": gettext_lazy("Ledger accounts"),
    "attributes": gettext_lazy("Attributes"),
    "branches": gettext_lazy("Branches"),
    "carriers": gettext_lazy("Shipping methods"),
    "cash_accounts": gettext_lazy("Cash accounts"),
    "credit_terms": gettext_lazy("Payment terms"),
    "currencies": gettext_lazy("Currencies"),
    "customer_classes": gettext_lazy("Customer classes"),
    "deal_phases": gettext_lazy("Deal phases"),
    "deal_pipelines": gettext_lazy("Pipelines"),
    "departments": gettext_lazy("Departments"),
    "item_classes": gettext_lazy("Item classes"),
    "ledgers": gettext_lazy("Ledgers"),
    "number_sequences": gettext_lazy("Number series"),
    "payment_methods": gettext_lazy("Payment methods"),
    "payment_terms": gettext_lazy("Payment terms"),
    "price_classes": gettext_lazy("Price classes"),
    "price_lists": gettext_lazy("Price lists"),
    "product_categories": gettext_lazy("Product categories"),
    "projects": gettext_lazy("Projects"),
    "sales_categories": gettext_lazy("Sales categories"),
    "sales_order_types": gettext_lazy("Order types"),
    "sales_persons": gettext_lazy("Sales persons"),
    "service_items": gettext_lazy("Items without stock"),
    "subaccounts": gettext_lazy("Subaccounts"),
    "tax_rates": gettext_lazy("VAT rates"),
    "units": gettext_lazy("Units"),
    "units_of_measure": gettext_lazy("Units"),
    "users": gettext_lazy("Users"),
    "vat_categories": gettext_lazy("VAT categories"),
    "vat_ids": gettext_lazy("VAT IDs"),
    "vat_zones": gettext_lazy("VAT zones"),
    "warehouses": gettext_lazy("Warehouses"),
}
FINDERS: dict[str, Promise] = {
    "customers.vat_number": gettext_lazy("Customers by VAT number"),
    "customers.registration_number": gettext_lazy("Customers by registration number"),
    "customers.email": gettext_lazy("Customers by e-mail address"),
    "products.code": gettext_lazy("Products by code"),
    "products.sku": gettext_lazy("Products by code"),
}
GIVES: dict[str, Promise] = {
    CODE: gettext_lazy("Code or number"),
    NAME: gettext_lazy("Name"),
    ID: gettext_lazy("Id"),
}


def argument_title(function: str, argument: str, value: str) -> str:
    """Return what a person calls an argument of the function that looks up; of another function, the value itself."""
    if function != LOOK_UP:
        return value
    return place_title(value) if argument == "where" else str(GIVES.get(value, value))


def place_title(where: str) -> str:
    """Return what a person calls a place to look in."""
    return str(LISTS.get(where) or FINDERS.get(where) or where.replace("_", " ").capitalize())


def place_choices(flow: Flow, present: str = "") -> Choices:
    """Return the places of the flow's target that have a name, and the present one."""
    known = {one for one in places_of(offline_connector(flow.target)) if one in LISTS or one in FINDERS}
    wanted = known | ({present} if present else set())
    return tuple(sorted(((one, place_title(one)) for one in wanted), key=lambda pair: pair[1].casefold()))


def give_choices(flow: Flow, where: str, present: str = "") -> Choices:
    """Return the fields that may be taken of what is found there: of a record, those of the target too."""
    found = {name: str(title) for name, title in GIVES.items()}
    kind, dot, _by = where.partition(".")
    targets = offline_connector(flow.target).targets
    if dot and kind in targets:
        found |= {one.path: str(one.title) for one in targets[kind].standard_fields}
    return tuple({**found, **({present: found.get(present, present)} if present else {})}.items())
