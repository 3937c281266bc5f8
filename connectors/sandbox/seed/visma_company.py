"""The look-up tables of the Visma.net company: a Belgian wholesaler with a branch in Oslo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.seed.catalog import ROOMS, WAREHOUSES
from connectors.sandbox.seed.records import Body, Record
from connectors.sandbox.seed.visma_items import VAT_NAMES

NAME = "Lichtlys NV"
COUNTRIES = {
    "BE": "Belgium", "NL": "Netherlands", "FR": "France", "DE": "Germany", "LU": "Luxembourg", "NO": "Norway",
    "SE": "Sweden", "DK": "Denmark", "GB": "United Kingdom", "US": "United States", "CH": "Switzerland",
    "ES": "Spain", "IT": "Italy", "AT": "Austria", "PL": "Poland",
}  # fmt: skip
# currency: name, symbol, euros for one of it
CURRENCIES = {
    "EUR": ("Euro", "€", 1), "NOK": ("Norwegian krone", "kr", 0.0852), "SEK": ("Swedish krona", "kr", 0.0891),
    "DKK": ("Danish krone", "kr", 0.134), "GBP": ("Pound sterling", "£", 1.147), "USD": ("US dollar", "$", 0.921),
    "JPY": ("Japanese yen", "¥", 0.0061), "TND": ("Tunisian dinar", "DT", 0.296),
}  # fmt: skip
ZONES = {"BE": ("Domestic", "21", ""), "EU": ("Within the EU", "21", "EU0"), "EXPORT": ("Outside the EU", "21", "EX0")}
TERMS = {"0": 0, "8": 8, "14": 14, "30": 30, "45": 45, "60": 60}
METHODS = {"1": ("Bank transfer", "DirectDeposit"), "2": ("Card", "CreditCard"), "3": ("Cash", "CashOrCheck"),
           "4": ("Direct debit", "DirectDeposit")}  # fmt: skip
CARRIERS = {"COURIER": "Courier service", "OWN": "Own transport", "PICKUP": "Collected at the warehouse"}
# sales person: name, still there; as the people of the Teamleader account are called
SALES_PERSONS = {
    "AN": ("An De Clercq", True), "KAREL": ("Karel Willems", True), "SOPHIE": ("Sophie Lambert", True),
    "PIET": ("Piet Maes", False),
}  # fmt: skip
# project: description, status
PROJECTS = {
    "LIGHT": ("Lighting of the new showroom", "Active"), "FAIR": ("Interior fair in Kortrijk", "Active"),
    "MOVE": ("Move of the warehouse", "Completed"),
}  # fmt: skip
# class: name, VAT zone, terms, currency, payment method
CLASSES = {
    "BE": ("Companies in Belgium", "BE", "30", "EUR", "1"),
    "EU": ("Companies in the EU", "EU", "30", "EUR", "1"),
    "EXPORT": ("Companies outside the EU", "EXPORT", "14", "EUR", "1"),
    "PRIVATE": ("Private persons", "BE", "0", "EUR", "2"),
}
# order type: name, behaviour, number series, ledger document
ORDER_TYPES = {
    "SO": ("Sales order", "SalesOrder", "SOORDER", "Invoice"),
    "WO": ("Web order, own numbers", "SalesOrder", "SOWEB", "Invoice"),
    "QT": ("Quotation", "Quote", "SOQUOTE", "NoUpdate"),
    "IN": ("Direct invoice", "Invoice", "SOINVOICE", "Invoice"),
    "CM": ("Credit memo", "CreditMemo", "SOCREDIT", "CreditMemo"),
}
# series: name, manual, the number before the first
SERIES = {
    "SOORDER": ("Sales orders", False, "000000"), "SOWEB": ("Web orders", True, "000000"),
    "SOQUOTE": ("Quotations", False, "000000"), "SOINVOICE": ("Direct invoices", False, "000000"),
    "SOCREDIT": ("Credit memos", False, "000000"), "ARINVOICE": ("Customer invoices", False, "100000"),
    "CUSTOMER": ("Customers", False, "10000"), "BATCH": ("Journal transactions", False, "000000"),
    "CONTACT": ("Contacts", False, "5000"), "ARCREDIT": ("Customer credit notes", False, "300000"),
    "ARCASH": ("Cash sales", False, "500000"),
}  # fmt: skip
ACCOUNTS = {
    "400000": ("Trade debtors", "Asset"), "451000": ("VAT payable", "Liability"), "550000": ("Bank", "Asset"),
    "570000": ("Cash", "Asset"), "580000": ("Money in transit", "Asset"), "658000": ("Rounding", "Expense"),
    "700000": ("Sales of goods", "Income"), "700100": ("Sales of services", "Income"),
    "700200": ("Sales within the EU", "Income"), "700300": ("Sales outside the EU", "Income"),
    "700600": ("Sales at 6 %", "Income"), "701000": ("Sales of lighting", "Income"),
    "702000": ("Sales of furniture", "Income"), "703000": ("Sales of textiles", "Income"),
    "704000": ("Sales of decoration", "Income"), "705000": ("Sales of parts", "Income"),
    "708000": ("Discounts given", "Income"), "740000": ("Other income", "Income"),
    "741000": ("Shipping costs charged", "Income"), "499000": ("Suspense account", "Asset"),
}  # fmt: skip
# subaccount: what it is called, still used; the first three signs are the cost centre, the last two the country
SUBACCOUNTS = {
    "00000": ("General", True), "100BE": ("Showroom, Belgium", True), "100NL": ("Showroom, Netherlands", True),
    "200BE": ("Projects, Belgium", True), "900BE": ("Old shop", False),
}  # fmt: skip
SEGMENTS = ((1, "Cost centre", slice(0, 3)), (2, "Country", slice(3, 5)))
CASH_ACCOUNTS = {"550000": ("Bank", "EUR"), "550100": ("Bank in dollars", "USD"), "570000": ("Cash", "EUR")}
XML_TYPES = {"21": "VatTypeHigh", "12": "VatTypeMedium", "6": "VatTypeLow"}


def records(now: datetime) -> Iterator[Record]:
    old = now - timedelta(days=400)
    for kind, rows in _tables(now).items():
        for key, body in rows.items():
            yield Record(kind, key.upper(), body, old, old)


def _tables(now: datetime) -> dict[str, dict[str, Body]]:
    return {
        "organization": {"1": _organization()},
        "branch": {"1": _branch(1, "Ghent", is_main=True), "2": _branch(2, "Oslo", is_main=False)},
        "warehouse": {name: _warehouse(name) for name in WAREHOUSES},
        "country": {code: {"id": code, "name": name} for code, name in COUNTRIES.items()},
        "currency": {code: _currency(code) for code in CURRENCIES},
        "vat_category": {rate: _vat_category(rate) for rate in VAT_NAMES},
        "vat": {rate: _vat(rate, rate, ("BE",)) for rate in VAT_NAMES}
        | {code: _vat(code, "0", (zone,)) for zone, code in (("EU", "EU0"), ("EXPORT", "EX0"))},
        "vat_zone": {zone: _zone(zone) for zone in ZONES},
        "credit_term": {name: _credit_term(name) for name in TERMS},
        "payment_method": {name: _payment_method(name) for name in METHODS},
        "carrier": {name: {"carrierId": name, "carrierDescription": words} for name, words in CARRIERS.items()},
        "sales_person": {code: _sales_person(code) for code in SALES_PERSONS},
        "project": {code: _project(number, code) for number, code in enumerate(PROJECTS, 1)},
        "customer_class": {name: _customer_class(name) for name in CLASSES},
        "order_type": {name: _order_type(name) for name in ORDER_TYPES},
        "number_series": {name: _series(name) for name in SERIES},
        "account": {number: _account(number) for number in ACCOUNTS},
        "subaccount": {name: _subaccount(at, name) for at, name in enumerate(SUBACCOUNTS, 1)},
        "cash_account": {number: _cash_account(number) for number in CASH_ACCOUNTS},
        "ledger": {"1": {"internalId": 1, "number": "1", "description": "General ledger", "balanceType": "Actual"}},
        "period": {body["period"]: body for body in _periods(now)},
    }


def _address() -> Body:
    return {
        "addressLine1": "Dok Noord 4",
        "postalCode": "9000",
        "city": "Ghent",
        "country": {"id": "BE", "name": "Belgium"},
    }


def _organization() -> Body:
    return {
        "organizationCd": "1",
        "name": NAME,
        "organizationType": "WithBranches",
        "baseCurrency": "EUR",
        "mainAddress": _address(),
        "mainContact": {"name": NAME, "email": "office@lichtlys.example", "phone1": "+32 9 210 00 00"},
        "corporateId": "0877123418",
        "vatRegistrationId": "BE0877123418",
        "defaultCountry": {"id": "BE", "name": "Belgium"},
        "vatZone": {"id": "BE", "description": ZONES["BE"][0]},
        "branches": [{"number": "1", "name": f"{NAME} Ghent"}, {"number": "2", "name": f"{NAME} Oslo"}],
    }


def _branch(number: int, city: str, *, is_main: bool) -> Body:
    return {
        "branchId": number,
        "number": str(number),
        "name": f"{NAME} {city}",
        "organizationId": 1,
        "isMainBranch": is_main,
        "isActive": True,
        "corporateId": "0877123418",
        "vatRegistrationId": "BE0877123418",
        "mainAddress": {**_address(), "city": city},
        "currency": {"id": "EUR", "description": "Euro", "symbol": "€"},
        "_title": f"{NAME} {city}",
    }


def _warehouse(name: str) -> Body:
    return {
        "warehouseID": name,
        "branch": {"number": "2" if name == "OSLO" else "1", "name": NAME},
        "active": True,
        "description": WAREHOUSES[name],
        "locations": [{"locationId": "MAIN", "description": "Main", "active": True, "salesValid": True}],
        "_title": WAREHOUSES[name],
    }


def _currency(code: str) -> Body:
    description, symbol, rate = CURRENCIES[code]
    return {
        "id": code,
        "description": description,
        "symbol": symbol,
        "isBaseCurrency": code == "EUR",
        "decimalPrecision": 2,
        "isUsedForAccounting": True,
        "_rate": rate,
    }


def _vat_category(rate: str) -> Body:
    rates = [{"revisionID": "1", "vatRate": int(rate), "groupType": "Output", "startDate": "2015-01-01T00:00:00"}]
    line = {
        "vatId": rate,
        "description": f"Sales VAT {rate} %",
        "type": "Vat",
        "calculateOn": "ItemAmount",
        "cashDiscount": "ToTaxableAmount",
        "vatRates": rates,
    }
    return {
        "vatCategoryId": rate,
        "description": VAT_NAMES[rate],
        "active": True,
        "excludeListedTaxes": False,
        "vatCategoryLines": [line],
        "_title": VAT_NAMES[rate],
    }


def _vat(code: str, rate: str, zones: tuple[str, ...]) -> Body:
    schedule = {"startDate": "2015-01-01T00:00:00", "vatRate": int(rate), "reportingGroup": "1", "groupType": "Output"}
    return {
        "vatCategoryId": rate,
        "vatId": code,
        "description": f"Sales VAT {rate} %" if code == rate else f"Sales, {ZONES[zones[0]][0].lower()}",
        "type": "Vat" if code == rate else "ExemptVat",
        "calculateOn": "ItemAmount",
        "cashDiscount": "ToTaxableAmount",
        "vismaXmlVatType": XML_TYPES.get(rate, "VatTypeZero"),
        "schedules": [schedule],
        "zones": [{"id": zone, "description": ZONES[zone][0]} for zone in zones],
    }


def _zone(zone: str) -> Body:
    description, category, vat_id = ZONES[zone]
    return {
        "id": zone,
        "description": description,
        "defaultVatCategory": category,
        "defaultTaxCategory": {"number": category, "description": VAT_NAMES[category]},
        "_vatId": vat_id,
        "_title": description,
    }


def _credit_term(name: str) -> Body:
    description = f"{TERMS[name]} days net" if TERMS[name] else "Due at once"
    return {
        "termsId": name,
        "description": description,
        "visibleTo": "All",
        "dueDateType": "FixedNumberOfDays",
        "dueDay1": TERMS[name],
        "discountPercent": 0,
        "instalmentType": "Single",
        "instalmentsSchedule": [],
        "_title": description,
    }


def _payment_method(name: str) -> Body:
    description, means = METHODS[name]
    return {
        "paymentMethodID": name,
        "active": True,
        "meansOfPayment": means,
        "description": description,
        "useInAP": False,
        "details": [],
        "_title": description,
    }


def _sales_person(code: str) -> Body:
    name, is_active = SALES_PERSONS[code]
    return {"salespersonID": code, "name": name, "isActive": is_active, "commissionPct": 0, "_title": name}


def _project(number: int, code: str) -> Body:
    description, status = PROJECTS[code]
    return {
        "internalID": number,
        "projectID": code,
        "description": description,
        "status": status,
        "hold": False,
        "systemTemplate": False,
        "startDate": "2025-01-01T00:00:00",
        "_title": description,
    }


def _customer_class(name: str) -> Body:
    description, zone, terms, currency, method = CLASSES[name]
    return {
        "id": name,
        "description": description,
        "taxZoneId": zone,
        "requiredTaxzoneId": True,
        "paymentMethodId": method,
        "attributes": [
            {"attributeId": "TLID", "description": "CRM number", "sortOrder": 1, "required": False},
            {
                "attributeId": "ROOMS",
                "description": "Rooms they furnish",
                "sortOrder": 2,
                "required": False,
                "attributeType": "MultiSelectCombo",
                "details": [{"id": room.upper(), "description": room.capitalize()} for room in ROOMS],
            },
        ],
        "_terms": terms,
        "_currency": currency,
        "_title": description,
    }


def _order_type(name: str) -> Body:
    description, behavior, series, document = ORDER_TYPES[name]
    return {
        "orderType": name,
        "active": True,
        "description": description,
        "behavior": behavior,
        "defaultOperation": "Receipt" if name == "CM" else "Issue",
        "customerDocumentType": document,
        "_series": series,
    }


def _series(name: str) -> Body:
    description, is_manual, start = SERIES[name]
    sequence = {"numberingId": name, "startNbr": start, "endNbr": "9" * len(start), "nbrStep": 1}
    return {
        "numberingId": name,
        "description": description,
        "manualNumbering": is_manual,
        "newNumberSymbol": "<NEW>",
        "sequence": [sequence],
    }


def _account(number: str) -> Body:
    description, kind = ACCOUNTS[number]
    return {
        "accountID": int(number),
        "accountCD": number,
        "type": kind,
        "active": number != "499000",  # one that is no longer used
        "description": description,
        "cashAccount": number in ("550000", "570000"),
        "allowManualEntry": True,
        "useDefaultSub": True,
    }


def _subaccount(number: int, name: str) -> Body:
    description, is_active = SUBACCOUNTS[name]
    return {
        "subaccountNumber": name,
        "subaccountId": number,
        "description": description,
        "active": is_active,
        "segments": [
            {"segmentId": at, "segmentDescription": title, "segmentValue": name[part]} for at, title, part in SEGMENTS
        ],
    }


def _cash_account(number: str) -> Body:
    name, currency = CASH_ACCOUNTS[number]
    account = {"type": "Asset", "number": number[:4] + "00", "description": name}
    return {"number": number, "description": name, "currency": currency, "account": account, "_title": name}


def _periods(now: datetime) -> Iterator[Body]:
    """Months of three years; those that ended more than three months ago are closed."""
    today = now.year * 12 + now.month - 1
    names = ("closedInSupplierLedger", "closedInCustomerLedger", "closedInInventoryManagement",
             "closedInGeneralLedger", "closedInCashManagement", "closedInFixedAssets")  # fmt: skip
    for month in range((now.year - 1) * 12, (now.year + 2) * 12):
        year, place = divmod(month, 12)
        next_year, next_place = divmod(month + 1, 12)
        body: dict[str, Any] = {
            "year": year,
            "period": f"{year}{place + 1:02}",
            "startDate": f"{year}-{place + 1:02}-01T00:00:00",
            "endDate": f"{next_year}-{next_place + 1:02}-01T00:00:00",
            "description": f"Month {place + 1} of {year}",
            "active": month <= today + 3,
        }
        yield {**body, **dict.fromkeys(names, month < today - 3)}
