"""Words of the set-up's templates."""

from __future__ import annotations

from django import template

from dashboard.setup.questions import TableQuestion

register = template.Library()


@register.filter
def label_of(table: TableQuestion, key: str) -> str:
    """Return what a person calls a key of a table."""
    asked = next((row.label for row in table.rows if key in row.keys), "")
    return asked or next((row.key_label or row.key for row in table.settled if row.key == key), key)
