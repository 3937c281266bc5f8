"""The way from a page to its help."""

from __future__ import annotations

from django import template
from django.template.context import Context

from dashboard.help.context import address_for

register = template.Library()


@register.simple_tag(takes_context=True)
def help_address(context: Context) -> str:
    """Return the address of the article for the page that is being shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None:  # an error page
        return address_for("")
    return address_for(
        match.view_name,
        kind=getattr(context.get("flow"), "kind", ""),
        connector=str(match.kwargs.get("key", "")),
    )
