"""How a test that commits leaves the database: empty, but for what `migrate` wrote.

Django's own way makes every content type and permission anew after each test, and on PostgreSQL truncates eighty tables
of which a test filled a dozen: most of a second each time, for hundreds of tests.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction

from apicenter.tenancy import platform_context

KEPT = {"django_content_type", "auth_permission"}  # written by `migrate`, and changed by nobody


@cache
def own_tables() -> tuple[str, ...]:
    """Return the tables of all models, but for those kept."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names) - KEPT))


def empty_database() -> None:
    """Delete every row; references are checked when it commits, so the order does not matter."""
    with platform_context(), transaction.atomic(), connection.cursor() as cursor:
        for name in own_tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
