"""A program that calls the public API with a token of an organization."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apicenter.api.scopes import SCOPES
from apicenter.api.tokens import issue_token
from apicenter.audit import Actor, acting_as
from apicenter.organizations.models import Organization, User
from tests.factories import inside


class Program:
    """Holds a token and speaks JSON."""

    def __init__(self, organization: Organization, *scopes: str, user: User | None = None) -> None:
        with inside(organization), acting_as(Actor(user)):
            self.token, self.text = issue_token(name="Warehouse", scopes=scopes or list(SCOPES), expires_at=None)
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = json.dumps(body) if body is not None else ""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.text}", **named},
        )

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()
