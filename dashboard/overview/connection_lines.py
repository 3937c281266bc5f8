"""Connections as the pages show them: whether they work, how many calls are left, until when the access holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.checks import last_check
from connectors.models import Connection
from connectors.sheets import format_of
from connectors.standing import Access, access_of
from connectors.webhook_addresses import announces, can_register, find_address, url_of
from dashboard.flow.instant_lines import InstantLine, line_of_connection
from dashboard.marks import Mark, mark_of_connection
from dashboard.overview.budget import Budget, budget_of
from dashboard.overview.check_lines import CheckLine, lines_of
from dashboard.words import tile_of
from flows.connection_use import flows_using
from flows.models import Flow


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    """One connection."""

    connection: Connection
    budget: Budget | None
    access: Access | None

    @property
    def mark(self) -> Mark:
        return mark_of_connection(self.connection)

    @property
    def colour(self) -> str:
        """The class of its meter: a warning when few calls are left, the system's own colour otherwise."""
        return "warn" if self.budget and self.budget.is_scarce else tile_of(self.connection.connector).colour


@dataclass(frozen=True, slots=True)
class ConnectionCard:
    """One connection with all that can be done with it."""

    line: ConnectionLine
    checks: list[CheckLine]
    flows: list[Flow]

    @property
    def connection(self) -> Connection:
        return self.line.connection

    @property
    def has_files(self) -> bool:
        """Whether it has files in place of a system."""
        return format_of(self.connection) is not None

    @property
    def is_connected(self) -> bool:
        """Whether there is something to disconnect."""
        return self.connection.state != Connection.State.NEW

    @property
    def instant(self) -> InstantLine | None:
        """Whether its system tells of changes, None where it never does."""
        return line_of_connection(self.connection, self.flows) if self.is_connected else None

    @property
    def enters_address(self) -> bool:
        """Whether somebody must enter our address in the system's own pages."""
        return self.is_connected and announces(self.connection) and not can_register(self.connection)

    @property
    def address(self) -> str:
        """The address at which its system tells of changes, "" when there is none yet."""
        found = find_address(self.connection)
        return url_of(found) if found else ""

    @property
    def active_count(self) -> int:
        return sum(flow.state == Flow.State.ACTIVE for flow in self.flows)


def connection_lines(connections: Iterable[Connection]) -> list[ConnectionLine]:
    """Return a line each: one query for the access of all."""
    rows = list(connections)
    access = access_of(rows)
    return [ConnectionLine(one, budget_of(one.lane), access.get(one.pk)) for one in rows]


def connection_cards(connections: Iterable[Connection]) -> list[ConnectionCard]:
    """Return a card each: one query for the access of all, one for what uses them."""
    lines = connection_lines(connections)
    users = flows_using(line.connection for line in lines)
    return [ConnectionCard(line, lines_of(last_check(line.connection)), users[line.connection.pk]) for line in lines]
