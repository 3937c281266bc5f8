"""The tenant wall: every row belongs to an organization, and a query outside of one raises.

`TenantModel.objects` filters by the organization in context and stamps new rows with it. `unscoped` exists for the
few modules that work for the whole platform (dispatcher, sandbox front door); tests/apicenter/test_tenancy.py holds
the list of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import models

_organization: ContextVar[uuid.UUID | None] = ContextVar("organization", default=None)


class NoOrganization(RuntimeError):
    """A tenant's rows were asked for outside an organization's context."""


@contextmanager
def organization_context(organization_id: uuid.UUID) -> Iterator[None]:
    """Work inside one organization; contexts may nest, and the outer one comes back."""
    token = _organization.set(organization_id)
    try:
        yield
    finally:
        _organization.reset(token)


def current_organization_id() -> uuid.UUID:
    """Return the organization in context. Raises NoOrganization."""
    organization_id = _organization.get()
    if organization_id is None:
        raise NoOrganization("No organization in context: enter organization_context() first.")
    return organization_id


M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Rows of the organization in context only."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(organization_id=current_organization_id())


class TenantModel(models.Model):
    """Base of every row an organization owns. The key is known before the insert, as encryption binds to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")

    unscoped = models.Manager()
    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "objects"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not args and self.organization_id is None:
            self.organization_id = current_organization_id()
