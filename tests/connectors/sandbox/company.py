"""A caller of the fake Visma.net; every call and answer is held against the vendor's contract."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apicenter.organizations.models import Organization
from connectors.sandbox import services, tokens
from connectors.sandbox.models import Account
from connectors.sandbox.seed.catalog import items
from tests.connectors.sandbox.contract import check_request, check_response

SANDBOX = "/sandbox/visma-net"


@dataclass
class Company:
    """A caller of one fake company; `raw` answers are the ones that are not checked."""

    account: Account
    token: str

    def raw(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None, **headers: str
    ) -> HttpResponse:
        host = "salesorder" if path.startswith("/api/v3") else "erp"
        return Client().generic(
            method,
            f"{SANDBOX}/{host}{path}",
            json.dumps(body) if body is not None else "",
            "application/json",
            query_params=query or {},
            headers={"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        )

    def call(self, method: str, path: str, *, query: Any = None, body: Any = None, **headers: str) -> HttpResponse:
        check_request("visma_net", method, path, query=query or {}, body=body)
        answer = self.raw(method, path, query=query, body=body, **headers)
        self.check(method, path, answer)
        return answer

    def check(self, method: str, path: str, answer: HttpResponse) -> None:
        body = json.loads(answer.content) if answer.content else None
        check_response("visma_net", method, path, status=answer.status_code, headers=dict(answer.headers), body=body)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, query=query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refused(self, method: str, path: str, body: Any, *, status: int = 400) -> str:
        answer = self.call(method, path, body=body)
        assert answer.status_code == status, answer.content
        return answer.content.decode()


def make_company(*, seeded: bool = True, **options: Any) -> Company:
    organization = Organization.objects.create(name="Lichtlys")
    account = services.open_account(organization, Account.System.VISMA_NET, seeded=seeded)
    return caller_of(account, **options)


def caller_of(account: Account, **options: Any) -> Company:
    services.set_options(account, **options)
    return Company(account, tokens.issue_access(account).value)


def wrap(**values: Any) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}


def new_customer(**values: Any) -> dict[str, Any]:
    address = wrap(addressLine1="Kouter 1", postalCode="9000", city="Gent", countryId="BE")
    return {
        **wrap(name="Fjord Atelier", customerClassId="BE", mainAddress=address),
        "overrideWithClassValues": True,
        **wrap(**values),
    }


def number_of(answer: HttpResponse) -> str:
    assert answer.status_code == 201, answer.content
    assert answer.content == b""
    return answer["Location"].rsplit("/", 1)[-1]


def sellable(vat: str = "21") -> list[Any]:
    return [item for item in items() if item.is_sellable and item.stock and item.vat_category == vat]


def order_v3(*lines: dict[str, Any], customer: Any = None, **head: Any) -> dict[str, Any]:
    rows = list(lines) or [{"inventoryId": sellable()[0].number, "quantity": 2, "unitPrice": 50}]
    return {"type": "SO", "customer": {"id": "10001", **(customer or {})}, "orderLines": rows, **head}
