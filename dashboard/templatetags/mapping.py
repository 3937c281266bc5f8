"""Small words of the mapping pages."""

from __future__ import annotations

from django import template

from dashboard.mapping.rows import Row
from dashboard.mapping.state import Place

register = template.Library()


@register.simple_tag
def row_address(place: Place, row: Row) -> str:
    """The page with this field open."""
    return place.at(row.place).address()


@register.simple_tag
def edit_address(place: Place, row: Row | None = None) -> str:
    """Where an edit of the open field, or of this row, is sent; what is open stays open."""
    return (place.at(row.place) if row else place).address("dashboard:map_edit")
