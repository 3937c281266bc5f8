"""The front door of both fakes: who calls, may they, how often, and what goes wrong on the way.

One transaction holds the account's row from the token to the answer, so calls of one account are served one after the
other and number series need no locks of their own.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from apicenter.tenancy import organization_context
from connectors.sandbox import faults as fault
from connectors.sandbox import limits, tokens
from connectors.sandbox.models import Account, Token
from connectors.sandbox.options import Options


@dataclass(frozen=True)
class Incoming:
    """A call as a resource of a fake sees it. `path` is the one on the real host: "/products.list", "/v1/inventory"."""

    account: Account
    method: str
    path: str
    query: QueryDict
    body: Any  # parsed JSON, or None
    headers: Mapping[str, str]  # lower-case names


@dataclass(frozen=True)
class Reply:
    """An answer. A status from 400 up undoes what was written; a body of type str with a Content-Type goes as it is."""

    status: int
    body: Any = None  # None = empty; else JSON, Decimal allowed
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Incoming], Reply]


class Dialect(Protocol):
    """How the gateway of one system words the things that are not about one resource."""

    system: str

    def rate_headers(
        self, account: Account, *, limit: int, remaining: int, reset_at: datetime, now: datetime
    ) -> dict[str, str]: ...

    def problem(self, status: int, title: str) -> Reply: ...


def serve(request: HttpRequest, *, dialect: Dialect, scope: str, respond: Respond) -> HttpResponse:
    """Answer one call to a fake."""
    _ = request.body  # read from the network before anything is locked
    with transaction.atomic():
        token = tokens.find_caller(_bearer(request), system=dialect.system)
        if token is None:
            return http_response(dialect.problem(401, "Unauthorized"))
        with organization_context(token.account.organization_id):
            faults = fault.Faults.of(token.account)
            reply, late = _answer(request, token, faults, dialect=dialect, scope=scope, respond=respond)
    if late:
        fault.do_later(faults.late_seconds, late)
    if faults.latency_ms:
        time.sleep(faults.latency_ms / 1000)
    return http_response(reply)


def _answer(
    request: HttpRequest, token: Token, faults: fault.Faults, *, dialect: Dialect, scope: str, respond: Respond
) -> tuple[Reply, Callable[[], None] | None]:
    """The answer, and what is still to be done once it was given."""
    account, now, late = token.account, timezone.now(), None
    method, path = request.method or "GET", _remote_path(request)
    options = Options.of(account)
    budget = limits.take(account, options, now=now)
    fate = fault.draw(account, faults, method=method, path=path)
    if fate.is_limited and not budget.is_spent:
        budget = replace(budget, remaining=0, reset_at=now + fault.LIMITED_FOR)
    if faults.down:
        reply = dialect.problem(503, "Service Unavailable")
    elif token.expires_at and token.expires_at <= now:
        reply = dialect.problem(401, "The access token has expired")
    elif budget.is_spent or fate.is_limited:
        reply = dialect.problem(429, "Too many requests")
    elif scope and token.scope and scope not in token.scope.split():
        reply = dialect.problem(403, "Insufficient scope")
    elif fate.is_error:
        reply = dialect.problem(500, "Internal server error")
    else:
        reply, late = _respond(request, account, path, fate, dialect=dialect, respond=respond)
    limits.record(account, options, method=method, path=path, status=reply.status, now=now)
    rate = dialect.rate_headers(
        account, limit=budget.limit, remaining=budget.remaining, reset_at=budget.reset_at, now=now
    )
    if reply.status == 429 and "Retry-After" in reply.headers:
        rate["Retry-After"] = str(max(1, math.ceil((budget.reset_at - now).total_seconds())))
    return replace(reply, headers={**reply.headers, **rate}), late


def _respond(
    request: HttpRequest, account: Account, path: str, fate: fault.Fate, *, dialect: Dialect, respond: Respond
) -> tuple[Reply, Callable[[], None] | None]:
    try:
        body = json.loads(request.body) if request.body else None
    except ValueError:
        return dialect.problem(400, "Invalid JSON"), None
    incoming = Incoming(
        account=account,
        method=request.method or "GET",
        path=path,
        query=request.GET,
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
    )
    timeout = Reply(504, fault.GATEWAY_TIMEOUT, {"Content-Type": "text/html"})
    if fate.is_late:
        return timeout, lambda: _respond_late(incoming, respond)
    reply = _respond_or_undo(incoming, respond)
    return (timeout if fate.is_lost else reply), None


def _respond_or_undo(incoming: Incoming, respond: Respond) -> Reply:
    with transaction.atomic():
        reply = respond(incoming)
        if reply.status >= 400:
            transaction.set_rollback(True)
    return reply


def _respond_late(incoming: Incoming, respond: Respond) -> None:
    """Do what the caller was told had timed out, on a thread and connection of its own."""
    close_old_connections()
    try:
        with transaction.atomic():
            account = Account.unscoped.select_for_update().get(pk=incoming.account.pk)
            with organization_context(account.organization_id):
                _respond_or_undo(replace(incoming, account=account), respond)
    finally:
        connection.close()


def http_response(reply: Reply) -> HttpResponse:
    """Write an answer out."""
    headers = dict(reply.headers)
    if reply.body is None:
        response = HttpResponse(status=reply.status, headers=headers)
        del response.headers["Content-Type"]
    elif isinstance(reply.body, str) and "Content-Type" in headers:
        response = HttpResponse(reply.body, status=reply.status, headers=headers)
    else:
        content = json.dumps(reply.body, default=_number, ensure_ascii=False, separators=(",", ":"))
        response = HttpResponse(content, status=reply.status, headers={"Content-Type": "application/json", **headers})
    # A refusal by a fake is no warning about this platform, so Django shall not log it as one.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _bearer(request: HttpRequest) -> str:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _remote_path(request: HttpRequest) -> str:
    # /sandbox/<system>/<host>/<path on the real host>
    return "/" + request.path_info.split("/", 4)[-1]
