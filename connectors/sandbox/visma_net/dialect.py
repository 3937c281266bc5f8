"""How the two gateways of Visma.net word what is not about one resource."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict

POLICY = "4-fixed-window"
ORDER_ERRORS = "https://salesorder.visma.net/errors/"


class Gateway:
    """The ERP gateway: {"message"} for everything."""

    system = Account.System.VISMA_NET.value

    def rate_headers(
        self, account: Account, *, limit: int, remaining: int, reset_at: datetime, now: datetime
    ) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(max(0, int((reset_at - now).total_seconds()))),
            "X-RateLimit-Policy": POLICY,
        }

    def problem(self, status: int, title: str) -> Reply:
        # The front door puts the real number of seconds here.
        headers = {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
        return Reply(status, {"message": title}, headers)

    def refusal(self, error: Refused) -> Reply:
        return self.problem(error.status, error.message)


class OrderGateway(Gateway):
    """The order service: RFC 7807 problems; validation failures carry codes."""

    def problem(self, status: int, title: str) -> Reply:
        headers = super().problem(status, title).headers
        return Reply(status, _problem(status, title), {"Content-Type": "application/problem+json", **headers})

    def refusal(self, error: Refused) -> Reply:
        if error.status != HTTPStatus.BAD_REQUEST:
            return self.problem(error.status, error.message)
        body = _problem(400, "One or more validation errors occurred.")
        if error.code:
            detail = {"code": error.code, "message": error.message, "parameters": error.parameters}
            body |= {"detail": error.message, "details": [detail]}
        else:
            body["errors"] = {field: [error.message] for field in error.parameters or ("$",)}
        return Reply(400, body, {"Content-Type": "application/problem+json"})


def _problem(status: int, title: str) -> JSONDict:
    body: dict[str, Any] = {"type": f"{ORDER_ERRORS}{status}", "title": title, "status": status}
    return body


ERP = Gateway()
ORDERS = OrderGateway()
