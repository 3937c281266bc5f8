"""The tenant wall: every row belongs to an organization, and a query outside of one raises.

`TenantModel.objects` filters by the organization in context and stamps new rows with it. `unscoped` exists for the
few modules that work for the whole platform (dispatcher, sandbox front door), inside `platform_context()`;
tests/apicenter/test_tenancy.py holds the list of them. apicenter/row_security.py is the second wall.
"""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from django.db import models

from apicenter.reach import NoOrganization as NoOrganization
from apicenter.reach import current_organization_id as current_organization_id
from apicenter.reach import organization_context as organization_context
from apicenter.reach import platform_context as platform_context

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
