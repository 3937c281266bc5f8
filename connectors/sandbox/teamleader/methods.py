"""Every method of the fake API by its name: `products.list`, `users.me` …"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import QueryDict

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks, deals, drafting, payments, people, reading, shapes, webhooks, writing
from connectors.sandbox.teamleader.dialect import API_VERSION, Refused
from connectors.sandbox.teamleader.resources import RESOURCES

Method = Callable[[Incoming], Reply]


def respond(incoming: Incoming) -> Reply:
    """Find the method and run it; the dated version the caller pinned comes back on every answer."""
    version = {"X-Api-Version": incoming.headers.get("x-api-version", API_VERSION)}
    try:
        reply = _run(incoming)
    except Refused as refused:
        reply = refused.reply()
    return replace(reply, headers={**reply.headers, **version})


def _run(incoming: Incoming) -> Reply:
    name = incoming.path.strip("/")
    method = METHODS.get(name)
    if method is None:
        raise Refused("Not Found", status=404)
    if incoming.method == "POST":
        return method(incoming)
    if incoming.method == "GET" and name.endswith((".list", ".info", ".me")):
        return method(replace(incoming, body=body_of_query(incoming.query)))
    raise Refused("Method Not Allowed", status=405)


def body_of_query(query: QueryDict) -> dict[str, Any]:
    """Read the old GET form of a call: `filter[ids][]=…&page[size]=100`."""
    body: dict[str, Any] = {}
    for name, values in query.lists():
        steps = re.findall(r"[^\[\]]+", name)
        here = body
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        last = values[-1]
        is_number = steps[0] == "page" and last.isdigit()
        here[steps[-1]] = values if name.endswith("[]") else int(last) if is_number else last
    return body


def me(incoming: Incoming) -> Reply:
    """The user who gave the authorization, and the account."""
    user = Thing.objects.filter(account=incoming.account, kind="user").order_by("pk").first()
    if user is None:
        raise Refused("user not found", status=404)
    account = {"type": "account", "id": str(incoming.account.remote_id)}
    return Reply(200, {"data": {**user.body, "account": account}})


def delete_product(incoming: Incoming) -> Reply:
    asked = checks.mapping(incoming.body, field="body")
    reading.refuse_unknown(asked, {"id"}, Options.of(incoming.account))
    checks.found(incoming.account, "product", asked.get("id")).delete()
    return Reply(204)


def _methods() -> dict[str, Method]:
    methods: dict[str, Method] = {
        "users.me": me,
        "products.add": partial(writing.add, shape=shapes.PRODUCT),
        "products.update": partial(writing.update, shape=shapes.PRODUCT),
        "products.delete": delete_product,
        "companies.add": partial(writing.add, shape=shapes.COMPANY),
        "companies.update": partial(writing.update, shape=shapes.COMPANY),
        "companies.tag": partial(people.tag, kind="company"),
        "contacts.add": partial(writing.add, shape=shapes.CONTACT),
        "contacts.update": partial(writing.update, shape=shapes.CONTACT),
        "contacts.tag": partial(people.tag, kind="contact"),
        "contacts.linkToCompany": people.link_to_company,
        "invoices.draft": drafting.draft,
        "invoices.book": drafting.book,
        "deals.update": partial(writing.update, shape=shapes.DEAL),
        "deals.move": deals.move,
        "invoices.registerPayment": payments.register_payment,
        "invoices.removePayments": payments.remove_payments,
        "webhooks.list": webhooks.list_rows,
        "webhooks.register": webhooks.register,
        "webhooks.unregister": webhooks.unregister,
    }
    for resource in RESOURCES:
        methods[f"{resource.name}.list"] = partial(reading.list_rows, resource=resource)
        if resource.has_info:
            methods[f"{resource.name}.info"] = partial(reading.info, resource=resource)
    return methods


METHODS = _methods()
