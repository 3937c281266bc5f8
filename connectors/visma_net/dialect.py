"""How Visma.net words its failures: `{"message"}` from the ERP, problems with codes from the sales order service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apicenter.errors import Rejected
from connectors.http import FAULTS, Answer, Dialect, Explanation

NO_LICENCE = "12027"  # the tenant id is not one of a company this application may use
TEXT_LENGTH = 500

# The ERP says 500 for many refusals of its own. These texts are the ones of a server that failed on the way,
# perhaps after it had written.
SERVER_FAILED = re.compile(
    r"internal server error|an (unexpected )?error (has )?occur+ed|unhandled|object reference|null reference|deadlock"
    r"|time[d-]? ?-?out|transaction\b.*\b(aborted|rolled back|completed)|unavailable|overload|try again"
    r"|bad gateway|maintenance",
    re.IGNORECASE,
)
AUTH_FAILED = re.compile(
    r"companyincontext|\b(invalid|expired|missing|no) (access |bearer )?token\b"
    r"|\btoken\b.{0,20}\b(invalid|expired|missing|revoked|not valid)\b",
    re.IGNORECASE,
)
PERIOD_CLOSED = re.compile(r"period\b.*\b(closed|not (open|active)|inactive|locked)\b", re.IGNORECASE)
ITEM_MISSING = re.compile(r"inventory (?:id|item)\b.*(?:cannot be found|not found|does not exist)", re.IGNORECASE)
CUSTOMER_UNUSABLE = re.compile(r"\bcustomer\b[^.]*\b(inactive|not active|on ?hold|credit ?hold)\b", re.IGNORECASE)
ITEM_UNUSABLE = re.compile(r"\binventory (?:id|item)\b.*\b(inactive|no ?sales|marked ?for ?deletion)\b", re.IGNORECASE)
CUSTOMER_INACTIVE, ITEM_INACTIVE = "customer.inactive", "item.inactive"
QUOTED = re.compile(r"'([^']+)'")

CODES = {
    "1804-InventoryIdNotFound": "product.missing",
    "1601-FinancialPeriodClosed": "period.closed",
    "1407-InvalidCustomerStatus": CUSTOMER_INACTIVE,
    "1806-InvalidInventoryStatus": ITEM_INACTIVE,
}


class VismaNetDialect(Dialect):
    """Reads both gateways; they never use each other's form."""

    def explain(self, answer: Answer) -> Explanation:
        body = answer.body if isinstance(answer.body, dict) else {}
        if "ExceptionMessage" in body or "ExceptionType" in body:
            return _explain_exception(body)
        if isinstance(body.get("message"), str):
            return _explain_text(body["message"])
        if details := [row for row in _list(body.get("details")) if isinstance(row, dict)]:
            return _explain_details(details)
        if isinstance(body.get("errors"), dict) and body["errors"]:
            return _explain_errors(body["errors"])
        words = [str(body[name]) for name in ("title", "detail", "error_description", "error") if body.get(name)]
        return Explanation(_cut(": ".join(words) or answer.text))

    def is_refusal(self, answer: Answer) -> bool:
        return super().is_refusal(answer) or (answer.status == FAULTS.start and _is_verdict(answer.body))

    def is_auth_failure(self, answer: Answer) -> bool:
        return super().is_auth_failure(answer) or bool(AUTH_FAILED.search(_message(answer.body)))


def _message(body: Any) -> str:
    """Return the text of an answer that holds nothing else: a failure of the ERP."""
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else ""


def _is_verdict(body: Any) -> bool:
    message = _message(body)
    is_gateway = isinstance(body, dict) and "statusCode" in body  # the form of the gateway in front of the ERP
    return bool(message.strip()) and not is_gateway and not SERVER_FAILED.search(message)


def _explain_exception(body: Mapping[str, Any]) -> Explanation:
    text = str(body.get("ExceptionMessage") or body.get("ExceptionDetails") or body.get("ExceptionType") or "")
    numbers = {str(body.get(name) or "") for name in ("ExceptionMessageID", "ExceptionFaultCode")}
    is_tenant = any(NO_LICENCE in number for number in numbers) or "no license for this company" in text.lower()
    return Explanation(_cut(text), code="tenant.wrong" if is_tenant else "")


def _explain_text(message: str, field: str = "") -> Explanation:
    text = _cut(message)
    if ITEM_MISSING.search(text):
        return Explanation(text, field, "product.missing", {"sku": _quoted_key(text) or text})
    if PERIOD_CLOSED.search(text):
        return Explanation(text, field, "period.closed", {"date": _date_in(text)})
    if ITEM_UNUSABLE.search(text) and (sku := _item_named(text)):
        return Explanation(text, field, ITEM_INACTIVE, {"sku": sku})
    if CUSTOMER_UNUSABLE.search(text):
        return Explanation(text, field, CUSTOMER_INACTIVE)  # whoever sent it knows which one
    return Explanation(text, field)


def _explain_details(details: list[dict[str, Any]]) -> Explanation:
    text = _cut(" ".join(str(row.get("message") or row.get("code") or "") for row in details))
    for row in details:
        code = CODES.get(str(row.get("code")), "")
        parameters = row.get("parameters") if isinstance(row.get("parameters"), dict) else {}
        values = [str(value) for value in (parameters or {}).values() if value not in (None, "")]
        if code == "product.missing":
            return Explanation(text, code=code, params={"sku": _item_of(row, parameters or {}) or text})
        if code == ITEM_INACTIVE and (sku := _item_of(row, parameters or {})):
            return Explanation(text, code=code, params={"sku": sku})
        if code == CUSTOMER_INACTIVE:
            return Explanation(text, code=code)
        if code == "period.closed":
            return Explanation(text, code=code, params={"date": _date_in(" ".join([*values, text]))})
    return _explain_text(text)


def _item_of(row: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    named = [str(value) for name, value in parameters.items() if "inventory" in name.lower() and value]
    others = [str(value) for value in parameters.values() if value]
    return next(iter([*named, *others]), "") or _quoted_key(str(row.get("message") or ""))


def name_customer(error: Rejected, number: object) -> None:
    """Say in a refusal which customer it speaks of: the ERP's own words do not."""
    if error.code == CUSTOMER_INACTIVE:
        error.params["customer"] = str(number or "")


def _item_named(text: str) -> str:
    """Return the first quoted word that is no name of a field: the item, and not its status."""
    return next((word for word in QUOTED.findall(text) if not word.lower().startswith("inventory ")), "")


def _quoted_key(text: str) -> str:
    """Return the last quoted word: the key; what stands in quotes before it is the name of the field."""
    return next(reversed([word for word in QUOTED.findall(text) if not word.lower().startswith("inventory ")]), "")


def _explain_errors(errors: Mapping[str, Any]) -> Explanation:
    texts = [text for value in errors.values() for text in _texts(value)]
    return _explain_text(" ".join(texts), next(iter(errors)).removeprefix("$."))


def _texts(value: Any) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        yield str(text)


def _date_in(text: str) -> str:
    found = re.search(r"\d{4}-\d{2}-\d{2}|\b\d{2}-\d{4}\b|\b\d{6}\b", text)
    return found.group() if found else "?"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _cut(text: str) -> str:
    return " ".join(text.split())[:TEXT_LENGTH]
