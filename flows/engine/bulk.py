"""Saving many rows at once: one statement, run once per row.

Django's bulk_update makes a single statement with a CASE per field and row, and bulk_create resolves each value anew.
Building those took more processor time than all the rest of sending a record (docs/benchmarks.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field

from apicenter.tenancy import TenantModel

IDENTITY = ("id", "organization")
ALIKE = {str, int, bool, uuid.UUID, datetime}  # equal values of these are written alike; 1.0 and 1.00 are not
Fields = list["Field[Any, Any]"]  # Django's own class takes no parameters


def insert_each(rows: Sequence[TenantModel], *, unique: Sequence[str] = (), updates: Sequence[str] = ()) -> None:
    """Insert rows of one model; where one with the same `unique` fields exists, bring its `updates` up to date."""
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    sql = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({', '.join(_columns(fields, connection))})"
    sql += f" VALUES ({', '.join(['%s'] * len(fields))})"
    if unique:
        conflict = ", ".join(_columns(_fields(model, unique), connection))
        changes = (f"{name} = EXCLUDED.{name}" for name in _columns(_fields(model, updates), connection))
        sql += f" ON CONFLICT ({conflict}) DO UPDATE SET {', '.join(changes)}"
    _run(sql, rows, fields, connection)


def update_each(rows: Sequence[TenantModel], names: Iterable[str]) -> None:
    """Save these fields of rows of one model."""
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    fields, identity = _fields(model, names), _fields(model, IDENTITY)
    changes = ", ".join(f"{name} = %s" for name in _columns(fields, connection))
    condition = " AND ".join(f"{name} = %s" for name in _columns(identity, connection))
    table = connection.ops.quote_name(model._meta.db_table)
    _run(f"UPDATE {table} SET {changes} WHERE {condition}", rows, fields + identity, connection)  # noqa: S608


def _run(sql: str, rows: Sequence[TenantModel], fields: Fields, connection: BaseDatabaseWrapper) -> None:
    columns = [_written(field, rows, connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(zip(*columns, strict=True)))


def _written(field: Field[Any, Any], rows: Sequence[TenantModel], connection: BaseDatabaseWrapper) -> list[Any]:
    """Return a column as the database takes it; what is the same in row after row is made ready once."""
    write, name = field.get_db_prep_save, field.attname
    written: list[Any] = []
    before, ready = object(), None
    for row in rows:
        value = getattr(row, name)
        if value is not before and not (type(value) in ALIKE and type(value) is type(before) and value == before):
            before, ready = value, write(value, connection)
        written.append(ready)
    return written


def _fields(model: type[TenantModel], names: Iterable[str]) -> Fields:
    known = {field.name: field for field in model._meta.concrete_fields}
    return [known[name] for name in names]


def _columns(fields: Fields, connection: BaseDatabaseWrapper) -> list[str]:
    return [connection.ops.quote_name(str(field.column)) for field in fields]
