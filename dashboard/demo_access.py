"""Whether the demo organization is offered to whoever opens the sign-in page, and whom they would be."""

from __future__ import annotations

from django.conf import settings

from apicenter.organizations.models import Membership, Organization
from apicenter.tenancy import organization_context
from flows.demo.company import EMAIL, NAME


def find_demo_membership() -> Membership | None:
    """Return the demo user's place in the demo organization; None unless this is somebody's own machine."""
    if not settings.ENV.offers_demo:
        return None
    organization = Organization.objects.filter(name=NAME, members__email=EMAIL).first()
    if organization is None:
        return None
    with organization_context(organization.pk):
        return Membership.objects.select_related("user").filter(user__email=EMAIL, user__is_active=True).first()
