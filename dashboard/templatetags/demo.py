"""The way into the demo organization, on the sign-in page."""

from __future__ import annotations

from typing import Any

from django import template

from dashboard.demo_access import find_demo_membership

register = template.Library()


@register.inclusion_tag("account/_demo.html", takes_context=True)
def demo_button(context: dict[str, Any]) -> dict[str, object]:
    """Draw the button, or nothing where the demo is not offered."""
    return {"is_offered": find_demo_membership() is not None, "csrf_token": context.get("csrf_token")}
