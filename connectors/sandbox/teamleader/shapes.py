"""What can be written to products, companies, contacts and deals: section 10 of what the vendor documents."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.models import Account
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused
from connectors.sandbox.teamleader.writing import Key, Read, Shape

_ADDRESS_TYPES = ("primary", "invoicing", "delivery", "visiting")
_GENDERS = ("female", "male", "non_binary", "prefers_not_to_say", "unknown")


def _text(_: Account, value: Any, name: str) -> str:
    return checks.text(value, field=name)


def _money(_: Account, value: Any, name: str) -> dict[str, Any]:
    return checks.money(value, field=name)


def _boolean(_: Account, value: Any, name: str) -> bool:
    return checks.boolean(value, field=name)


def _day(_: Account, value: Any, name: str) -> str:
    return checks.day(value, field=name)


def _language(_: Account, value: Any, name: str) -> str:
    code = checks.text(value, field=name)
    if len(code) != 2:
        raise Refused(f"{name} must be a language code of two letters", field=name)
    return code.lower()


def _gender(_: Account, value: Any, name: str) -> str:
    return checks.one_of(value, _GENDERS, field=name)


def _currency(_: Account, value: Any, name: str) -> str:
    return checks.one_of(value, checks.CURRENCIES, field=name)


def _reference(kind: str) -> Read:
    return lambda account, value, name: checks.reference(account, value, kind=kind, field=name)


def _tags(_: Account, value: Any, name: str) -> list[str]:
    found = [checks.text(tag, field=name) for tag in checks.array(value, field=name)]
    return list(dict.fromkeys(found))


def _emails(*types: str) -> Read:
    def read(_: Account, value: Any, name: str) -> list[dict[str, str]]:
        entries = [checks.mapping(entry, field=name) for entry in checks.array(value, field=name)]
        return [
            {
                "type": checks.one_of(entry.get("type"), types, field=f"{name}.type"),
                "email": checks.email(entry.get("email"), field=f"{name}.email"),
            }
            for entry in entries
            if entry.get("email", "") is not None  # null takes the address away
        ]

    return read


def _telephones(*types: str) -> Read:
    def read(_: Account, value: Any, name: str) -> list[dict[str, str]]:
        entries = [checks.mapping(entry, field=name) for entry in checks.array(value, field=name)]
        return [
            {
                "type": checks.one_of(entry.get("type"), types, field=f"{name}.type"),
                "number": checks.text(entry.get("number"), field=f"{name}.number"),
            }
            for entry in entries
        ]

    return read


def _addresses(_: Account, value: Any, name: str) -> list[dict[str, Any]]:
    return [_address(checks.mapping(entry, field=name), name) for entry in checks.array(value, field=name)]


def _address(entry: dict[str, Any], name: str) -> dict[str, Any]:
    address = checks.mapping(entry.get("address"), field=f"{name}.address")
    for part in ("line_1", "postal_code", "city", "country"):
        if part not in address:
            raise Refused(f"{name}.address.{part} must be present", field=f"{name}.address.{part}")
        if part == "country" or address[part] is not None:
            checks.text(address[part], field=f"{name}.address.{part}")
    if len(address["country"]) != 2:
        raise Refused(f"{name}.address.country must be a country code", field=f"{name}.address.country")
    kept = {part: address[part] for part in ("line_1", "postal_code", "city", "country")}
    if address.get("addressee"):
        kept["addressee"] = checks.text(address["addressee"], field=f"{name}.address.addressee")
    kind = checks.one_of(entry.get("type"), _ADDRESS_TYPES, field=f"{name}.type")
    return {"type": kind, "address": {**kept, "area_level_two": None}}


def _price_list_prices(account: Account, value: Any, name: str) -> list[dict[str, Any]]:
    entries = [checks.mapping(entry, field=name) for entry in checks.array(value, field=name)]
    return [
        {
            "price_list": checks.reference(account, entry.get("price_list_id"), kind="priceList", field=name),
            "price": checks.money(entry.get("price"), field=f"{name}.price"),
        }
        for entry in entries
    ]


def _need_stock_feature(account: Account, name: str) -> None:
    if not Options.of(account).stock_feature:
        raise Refused("Stock management is not enabled for this account", field=name, status=403)


def _stock(account: Account, value: Any, name: str) -> dict[str, Any]:
    _need_stock_feature(account, name)
    amount = checks.mapping(value, field=name).get("amount")
    return {"amount": amount if amount is None else checks.number(amount, field=f"{name}.amount")}


def _configuration(account: Account, value: Any, name: str) -> dict[str, Any]:
    _need_stock_feature(account, name)
    threshold = checks.mapping(value, field=name).get("stock_threshold")
    if threshold is None:
        return {"stock_threshold": None}
    given = checks.mapping(threshold, field=f"{name}.stock_threshold")
    return {
        "stock_threshold": {
            "minimum": checks.number(given.get("minimum"), field=f"{name}.stock_threshold.minimum"),
            "action": checks.one_of(given.get("action"), ("notify",), field=f"{name}.stock_threshold.action"),
        }
    }


PRODUCT = Shape(
    kind="product",
    keys={
        "name": Key(_text, null="update"),
        "code": Key(_text, null="update"),
        "description": Key(_text, null="update"),
        "purchase_price": Key(_money, null="always"),
        "selling_price": Key(_money, null="always"),
        "unit_of_measure_id": Key(_reference("unitOfMeasure"), kept_as="unit", null="always"),
        "price_list_prices": Key(_price_list_prices),
        "stock": Key(_stock),
        "configuration": Key(_configuration, null="always"),
        "department_id": Key(_reference("department"), is_kept=False),
        "product_category_id": Key(_reference("productCategory"), kept_as="product_category"),
        "tax_rate_id": Key(_reference("taxRate"), kept_as="tax"),
    },
    blank={
        "name": None,
        "description": None,
        "code": None,
        "purchase_price": None,
        "selling_price": None,
        "unit": None,
        "tax": None,
        "suppliers": [],
        "custom_fields": [],
        "price_list_prices": [],
        "product_category": None,
        "stock": {"amount": None},
        "configuration": None,
    },
    any_of=("name", "code"),
    field_context=("product",),
)
_PEOPLE_KEYS = {
    "website": Key(_text, null="update"),
    "addresses": Key(_addresses),
    "language": Key(_language, null="update"),
    "iban": Key(_text, null="update"),
    "bic": Key(_text, null="update"),
    "national_identification_number": Key(_text, null="update"),
    "remarks": Key(_text, null="update"),
    "tags": Key(_tags),
    "marketing_mails_consent": Key(_boolean),
    "price_list_id": Key(_reference("priceList"), kept_as="price_list", null="update"),
}
_PEOPLE_BLANK: dict[str, Any] = {
    "status": "active",
    "vat_number": None,
    "emails": [],
    "telephones": [],
    "website": None,
    "addresses": [],
    "iban": None,
    "bic": None,
    "national_identification_number": None,
    "language": None,
    "payment_term": None,
    "invoicing_preferences": {"electronic_invoicing_address": None},
    "remarks": None,
    "tags": [],
    "custom_fields": [],
    "marketing_mails_consent": False,
    "price_list": None,
}
COMPANY = Shape(
    kind="company",
    keys={
        **_PEOPLE_KEYS,
        "name": Key(_text),
        "business_type_id": Key(_reference("businessType"), kept_as="business_type", null="update"),
        "vat_number": Key(_text, null="update"),
        "emails": Key(_emails("primary", "invoicing")),
        "telephones": Key(_telephones("phone", "fax")),
        "responsible_user_id": Key(_reference("user"), kept_as="responsible_user", null="update"),
        "preferred_currency": Key(_currency, null="update"),
    },
    blank={
        **_PEOPLE_BLANK,
        "business_type": None,
        "preferred_currency": None,
        "responsible_user": None,
        "related_companies": [],
        "related_contacts": [],
    },
    required=("name",),
    field_context=("company",),
)
CONTACT = Shape(
    kind="contact",
    keys={
        **_PEOPLE_KEYS,
        "first_name": Key(_text, null="update"),
        "last_name": Key(_text),
        "salutation": Key(_text, null="update"),
        "emails": Key(_emails("primary")),
        "telephones": Key(_telephones("phone", "mobile", "fax"), null="update"),
        "gender": Key(_gender, null="always"),
        "birthdate": Key(_day, null="update"),
    },
    blank={
        **_PEOPLE_BLANK,
        "first_name": None,
        "salutation": None,
        "gender": None,
        "birthdate": None,
        "companies": [],
    },
    required=("last_name",),
    field_context=("contact",),
)
DEAL = Shape(
    kind="deal",
    keys={
        "title": Key(_text),
        "summary": Key(_text, null="update"),
        "department_id": Key(_reference("department"), kept_as="department", null="update"),
        "responsible_user_id": Key(_reference("user"), kept_as="responsible_user", null="update"),
        "estimated_value": Key(_money, null="update"),
        "estimated_closing_date": Key(_day, null="update"),
        "purchase_order_number": Key(_text, null="update"),
    },
    blank={},
    field_context=("sale", "deal"),
)
