"""The live check: every right the flows need, tried one by one with the cheapest call that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.errors import ApicenterError, AuthError, RetryableError
from connectors.base import CheckResult, Finding, Text
from connectors.core import JSONDict
from connectors.teamleader.api import FocusApi
from connectors.teamleader.read_values import SYSTEM

ONE_ROW = {"page": {"size": 1, "number": 1}}


@dataclass(frozen=True, slots=True)
class Right:
    """Something the flows do, and the call that shows whether they may."""

    what: Text
    method: str
    body: JSONDict | None = None
    holds_records: bool = False
    is_optional: bool = False  # works without, only less well
    scope: str = ""  # as the page of the integration calls it

    @property
    def needs(self) -> str:
        if not self.scope:
            return ""
        return _("Needed: the right “%(scope)s” of the integration, and a user who may see these records.") % {
            "scope": self.scope
        }


RIGHTS = (
    Right(gettext_lazy("Read products"), "products.list", ONE_ROW, holds_records=True, scope="products"),
    Right(gettext_lazy("Read companies"), "companies.list", ONE_ROW, holds_records=True, scope="companies"),
    Right(gettext_lazy("Read contacts"), "contacts.list", ONE_ROW, holds_records=True, scope="contacts"),
    Right(gettext_lazy("Read deals"), "deals.list", ONE_ROW, holds_records=True, scope="deals"),
    Right(gettext_lazy("Read quotations"), "quotations.list", ONE_ROW, scope="deals, quotations"),
    Right(gettext_lazy("Read invoices"), "invoices.list", ONE_ROW, scope="invoices"),
    Right(gettext_lazy("Read departments"), "departments.list", {}, scope="departments"),
    Right(gettext_lazy("Read VAT rates"), "taxRates.list", ONE_ROW),
    Right(gettext_lazy("Read custom field definitions"), "customFieldDefinitions.list", ONE_ROW),
    Right(gettext_lazy("Receive webhooks"), "webhooks.list", is_optional=True),
)


def run_checks(focus: FocusApi) -> list[CheckResult]:
    """Try the user first: without a valid authorisation nothing else says anything."""
    title = _("Authorisation")
    try:
        focus.data("users.me")
    except (AuthError, RetryableError) as error:
        return [_failed(title, error)]
    except ApicenterError as error:
        results = [_failed(title, error)]
    else:
        results = [CheckResult(title, Finding.OK)]
    answers = focus.client.settle(lambda right: focus.data(right.method, right.body), RIGHTS)
    results += [
        replace(_failed(right.what, answer, is_optional=right.is_optional), needs=right.needs)
        if isinstance(answer, ApicenterError)
        else CheckResult(right.what, Finding.OK)
        for right, answer in zip(RIGHTS, answers, strict=True)
    ]
    records = [answer for right, answer in zip(RIGHTS, answers, strict=True) if right.holds_records]
    if all(answer == [] for answer in records):
        what = _("products, companies, contacts or deals")
        params = {"system": SYSTEM, "what": what}
        results.append(CheckResult(_("Records in this account"), Finding.WARN, "connection.empty", params))
    return results


def _failed(what: Text, error: ApicenterError, *, is_optional: bool = False) -> CheckResult:
    passes = is_optional or isinstance(error, RetryableError)
    return CheckResult(what, Finding.WARN if passes else Finding.BAD, error.code, error.params, error.detail)
