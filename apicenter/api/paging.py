"""Pages by cursor: what is added in between neither repeats nor hides a row."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """`?limit=` up to 200; follow `next` until it is null."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = ("-created_at", "-id")
