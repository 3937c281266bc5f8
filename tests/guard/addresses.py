"""Every address of the platform, from the resolver itself, with the ids of a company put in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from tests.guard.world import World

OWN_API = "api/v1/"
FAKES = "sandbox/"  # the fake systems stand for others, as the real ones they know a caller by a token
HOLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()]|\([^()]*\))*\)")
WORDS = {"environment": "sandbox", "kind": "orders", "slug": "first-steps", "number": "1", "what": "undo",
         "token": "nonsense", "secret": "nonsense", "uidb36": "1", "method": "users.me",
         "path": "v1/customer", "extension": "csv"}  # fmt: skip
# which object an address names: the first beginning that fits, read from the top
OBJECTS = (
    ("api-access/tokens/", "token"), ("api-access/addresses/", "hook"), ("api-access/flows/", "flow"),
    ("company/team/invitations/", "invitation"), ("company/team/", "membership"),
    ("notifications/webhooks/", "webhook"), ("notifications/given-up/", "given_up"),
    ("notifications/in/", "organization"), ("notifications/", "message"),
    ("plan/orders/", "order"), ("setup/questions/", "inquiry"), ("setup/connections/", "connection"),
    ("setup/tables/", "table"), ("setup/flows/", "flow"), ("connections/", "connection"),
    ("needs-you/", "record"), ("log/", "record"), ("tables/", "table"), ("flows/", "flow"),
    ("api/v1/connections/", "connection"), ("api/v1/flows/", "flow"), ("api/v1/tables/", "table"),
    ("api/v1/runs/", "run"), ("api/v1/records/", "record"), ("api/v1/needs-you/", "cause"),
    ("files/sheets/", "sheet"), ("files/", "files"), ("api/v1/files/", "sheet"),
    ("accounts/2fa/webauthn/keys/", "key"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """One route. `names_object`: it holds the id of something that belongs to a company."""

    route: str
    path: str
    names_object: bool

    @property
    def is_api(self) -> bool:
        return self.route.startswith(OWN_API)


def addresses(world: World) -> list[Address]:
    """Return every route with the ids of this company in it."""
    return [_filled(route, world) for route in _routes(get_resolver())]


def pages(world: World) -> list[Address]:
    """The routes that a browser visits."""
    return [one for one in addresses(world) if not one.route.startswith(("api/v1", "api/hooks", "api/deliv", FAKES))]


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        here = before + str(one.pattern).removeprefix("^").removesuffix("$")
        if isinstance(one, URLPattern):
            yield here
        else:
            yield from _routes(one, here)


def _filled(route: str, world: World) -> Address:
    named = False

    def fill(match: re.Match[str]) -> str:
        nonlocal named
        value, is_object = _value(route, match["name"], world)
        named = named or is_object
        return value

    path = HOLE.sub(fill, GROUP.sub(fill, route)).replace(".*", "nowhere")
    return Address(route, "/" + path, named)


def _value(route: str, name: str, world: World) -> tuple[str, bool]:
    if name == "organization_pk":
        return str(world.organization.pk), False  # of a link in a letter: the token beside it opens, or nothing does
    if name == "run_pk":
        return str(world.run.pk), True
    if name == "table_pk":
        return str(world.table.pk), True
    if name == "key" and route.startswith("needs-you/"):
        return world.cause, True
    if name == "pk":
        what = next((what for start, what in OBJECTS if route.startswith(start)), "organization")
        what = "orders" if what == "flow" and "table_pk" in route else what
        return world.id_of(what), True
    if name == "kind" and route.startswith("files/"):
        return "products", False
    return WORDS.get(name, "visma_net" if name == "key" and "setup/" in route else "nonsense"), False
