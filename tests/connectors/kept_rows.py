"""All rows of a PostgreSQL database, kept in tables of another schema and brought back from there."""

from __future__ import annotations

from uuid import uuid4

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from apicenter.tenancy import platform_context
from tests.emptying import own_tables


def keep_rows() -> str:
    """Copy every row; the name to bring them back by."""
    schema = f"kept_{uuid4().hex}"
    with platform_context(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")
        for name in own_tables():
            cursor.execute(f'CREATE TABLE {schema}."{name}" AS TABLE "{name}"')
            if not cursor.rowcount:
                cursor.execute(f'DROP TABLE {schema}."{name}"')
    return schema


def bring_rows(schema: str) -> None:
    """Write the kept rows into the empty database, and let its numbers go on after theirs."""
    with platform_context(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        kept = [name for (name,) in cursor.fetchall()]
        for name in kept:
            cursor.execute(f'INSERT INTO "{name}" SELECT * FROM {schema}."{name}"')
        models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in kept]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
