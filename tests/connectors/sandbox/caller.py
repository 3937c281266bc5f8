"""A client of the fake Teamleader that holds each call and answer against the contract."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from connectors.sandbox import tokens
from connectors.sandbox.models import Account
from tests.connectors.sandbox.contract import check_request, check_response

SITE = "/sandbox/teamleader"
NIL = "00000000-0000-0000-0000-000000000000"


class Caller:
    """Calls the fake as a client would, and holds each call and answer against the contract."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.client = Client(headers={"Authorization": f"Bearer {tokens.issue_access(account).value}"})

    def __call__(self, method: str, body: Any = None, *, is_checked: bool = True, **headers: str) -> HttpResponse:
        answer = self.client.post(f"{SITE}/api/{method}", json.dumps(body or {}), "application/json", headers=headers)
        if is_checked:
            if answer.status_code < 400:
                check_request("teamleader", "POST", f"/{method}", query={}, body=body)
            parsed = answer.json() if answer.content else None
            check_response(
                "teamleader", "POST", f"/{method}", status=answer.status_code, headers=answer.headers, body=parsed
            )
        return answer

    def data(self, method: str, body: Any = None) -> Any:
        answer = self(method, body)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    def every(self, name: str, **body: Any) -> list[dict[str, Any]]:
        rows, number = [], 1
        while page := self.data(f"{name}.list", {**body, "page": {"size": 100, "number": number}}):
            rows += page
            number += 1
        return rows


def title(answer: HttpResponse) -> str:
    return str(answer.json()["errors"][0]["title"])
