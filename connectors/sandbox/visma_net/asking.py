"""One call to the fake Visma.net, and the table of calls it knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Account
from connectors.sandbox.options import Options
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, read_key, unwrap


@dataclass(frozen=True)
class Ask:
    """An incoming call with the keys of its path; `base_url` is what stands before the path."""

    incoming: Incoming
    base_url: str
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        return self.incoming.account

    @cached_property
    def options(self) -> Options:
        return Options.of(self.account)

    @property
    def is_strict(self) -> bool:
        return self.options.strict

    @cached_property
    def _query(self) -> dict[str, list[str]]:
        query: dict[str, list[str]] = {}
        for name, values in self.incoming.query.lists():
            query.setdefault(name.lower(), []).extend(str(value) for value in values)
        return query

    def text(self, name: str) -> str | None:
        """Return a query parameter; names match in any letter case, an empty one counts as absent."""
        values = self._query.get(name.lower())
        return values[-1] if values and values[-1] != "" else None

    def many(self, name: str) -> list[str]:
        """Return a parameter given several times or as a comma separated list."""
        return [part for value in self._query.get(name.lower(), ()) for part in value.split(",") if part]

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name)
        return default if value is None else value.lower() in ("true", "1")

    def integer(self, name: str, *, default: int, least: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d+", value) or int(value) < least:
            raise Refused(f"The value '{value}' is not valid for {name}.")
        return int(value)

    def header(self, name: str) -> str | None:
        return self.incoming.headers.get(name)

    def check_query(self, known: Sequence[str]) -> None:
        """Unknown parameters change nothing, as in the real system; a strict sandbox names them."""
        if not self.is_strict:
            return
        allowed = {name.lower() for name in known}
        for name in self._query:
            if name not in allowed:
                raise Refused(f"Unknown query parameter '{name}'.")

    def payload(self, known: Sequence[str] = (), *, lines: str = "", known_in_lines: Sequence[str] = ()) -> JSONDict:
        """Return the unwrapped body. A strict sandbox refuses fields the vendor does not list."""
        body = unwrap(self.incoming.body)
        self.check_fields(body, known)
        for row in body.get(lines) or ():
            self.check_fields(row, known_in_lines, where=f"{lines}.")
        return body

    def check_fields(self, body: JSONDict, known: Sequence[str], *, where: str = "") -> None:
        if not self.is_strict or not known:
            return
        for name in body:
            if name not in known:
                raise Refused(f"Could not find member '{where}{name}' on the object.")

    def location(self, path: str) -> dict[str, str]:
        return {"Location": f"{self.base_url}/{path.lstrip('/')}"}


Handler = Callable[[Ask], Reply]


@dataclass(frozen=True)
class Route:
    """One call: verb, path template, handler, and the query parameters it knows."""

    method: str
    template: str
    handler: Handler
    query: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.template)
        text = "".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
        return re.compile(text + "/?", re.IGNORECASE)


class RouteTable:
    """Finds the route of a call; a fixed path wins over a template."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route.template.count("{"))

    def answer(self, incoming: Incoming, path: str, *, base_url: str) -> Reply:
        """Raises Refused: 404 for an unknown path, 405 for a verb it does not have."""
        is_path = False
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match is None:
                continue
            is_path = True
            if route.method == incoming.method:
                keys = {name: read_key(value) for name, value in match.groupdict().items()}
                ask = Ask(incoming=incoming, base_url=base_url, keys=keys)
                ask.check_query(route.query)
                return route.handler(ask)
        if is_path:
            raise Refused("The requested resource does not support this http method.", status=405)
        raise Refused("No HTTP resource was found that matches the request URI.", status=404)
