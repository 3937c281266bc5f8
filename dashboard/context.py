"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The operator's name for the product."""
    return {"site_name": settings.SITE_NAME}
