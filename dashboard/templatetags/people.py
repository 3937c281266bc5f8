"""Small words about people: where they signed in, when, which choices a role is."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.dates import written

register = template.Library()

# What a browser says of itself, most telling first: Edge and Opera also call themselves Chrome, Chrome also Safari.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(agent: str) -> str:
    """Say which browser it is and on what: "Firefox, Windows"."""
    names = [next((name for sign, name in known if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, names)) or _("Another program")


@register.filter
def letter_moment(value: datetime) -> str:
    """Say when in a letter, which is read anywhere: with year and time zone."""
    local = timezone.localtime(value)
    return f"{written(local, 'j M Y, H:i')} {local.tzname() or ''}".strip()
