"""Whose rows the work at hand may touch: a value of the context, which the managers and the database backend read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows may be touched: one organization's, everybody's, or nobody's."""

    organization: uuid.UUID | None = None
    is_everyone: bool = False


NOBODY, EVERYONE = Reach(), Reach(is_everyone=True)
_reach: ContextVar[Reach] = ContextVar("reach", default=NOBODY)


class NoOrganization(RuntimeError):
    """A tenant's rows were asked for outside an organization's context."""


@contextmanager
def organization_context(organization_id: uuid.UUID) -> Iterator[None]:
    """Work inside one organization; contexts may nest, and the outer one comes back."""
    token = _reach.set(Reach(organization_id))
    try:
        yield
    finally:
        _reach.reset(token)


@contextmanager
def platform_context() -> Iterator[None]:
    """Work for the whole platform: `unscoped` sees every organization's rows, `objects` raises.

    For the few modules that must find out whose turn it is. On PostgreSQL the server shows them nothing without it;
    whatever is asked for is asked for in here, not later by a lazy query.
    """
    token = _reach.set(EVERYONE)
    try:
        yield
    finally:
        _reach.reset(token)


def current_reach() -> Reach:
    """Return whose rows may be touched now."""
    return _reach.get()


def current_organization_id() -> uuid.UUID:
    """Return the organization in context. Raises NoOrganization."""
    organization_id = _reach.get().organization
    if organization_id is None:
        raise NoOrganization("No organization in context: enter organization_context() first.")
    return organization_id
