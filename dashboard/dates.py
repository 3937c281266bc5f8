"""Dates as people write them, in the language of the page."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language


def written(value: date, pattern: str) -> str:
    """Write a date by Django's letters; a short month, "M", begins with a capital in English only."""
    return date_format(value, pattern if (get_language() or "en").startswith("en") else pattern.replace("M", "b"))


def day_of(text: str) -> str:
    """Write the day of a date as systems give it, "2026-10-11" or with a time behind; any other text as it is."""
    try:
        return written(date.fromisoformat(text[:10]), "j M Y")
    except ValueError:
        return text
