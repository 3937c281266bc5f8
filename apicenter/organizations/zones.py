"""The clock of an organization and of a person."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from apicenter.organizations.models import Organization


def zone_of(organization: Organization) -> ZoneInfo:
    """Return the organization's time zone, or the platform's where it names none that exists."""
    return zone_named(organization.time_zone)


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone, or the platform's where there is none of that name."""
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
