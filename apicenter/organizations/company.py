"""What an organization decides for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.organizations.members import Refused
from apicenter.organizations.models import Organization, User
from apicenter.organizations.second_step import has_second_step

SETTINGS = ("name", "time_zone", "language", "log_days", "require_mfa", "masks_mail")


def change_settings(organization: Organization, values: Mapping[str, Any], *, by: User) -> bool:
    """Save what differs; inside the organization's context. Returns whether the log is kept for a shorter time now.

    Raises Refused when somebody asks a second step of everybody and has none: the first page would lock them out.
    """
    if values.get("require_mfa") and not organization.require_mfa and not has_second_step(by):
        raise Refused(_("Set up your own two-step sign-in first. Then ask it of everybody."))
    with transaction.atomic():
        stored = Organization.objects.select_for_update().get(pk=organization.pk)
        before = {name: getattr(stored, name) for name in SETTINGS}
        for name in SETTINGS:
            setattr(organization, name, values.get(name, before[name]))
        organization.save(update_fields=list(SETTINGS))
        after = {name: getattr(organization, name) for name in SETTINGS}
        record_change("organization.changed", subject=organization.name, before=before, after=after)
    return organization.log_days < before["log_days"]
