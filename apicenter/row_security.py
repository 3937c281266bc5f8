"""Row-level security on PostgreSQL: without the right organization in context, the server itself shows no row.

Applied after every migration to every table of a `TenantModel`, so a new one cannot be forgotten. The policy is forced,
so it holds for the owner of the tables too; only a superuser or a role with BYPASSRLS stands above it, and `migrate`
and `manage.py check --database default` warn of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Warning
from django.db import connections

from apicenter.tenancy import TenantModel

POLICY = "tenant"
# Read before there is an organization in context, and nothing in them but who and where to look:
LEFT_OUT = {
    "organizations.Membership",  # says which organizations a person may enter
    "flows.Job",  # ids only: says whose turn it is
    "sandbox.Account",  # the fakes know a caller by its token only, as the real systems do
}
# A sub-select is worked out once per query, not once per row.
WALL = """
    (SELECT current_setting('app.everyone', true) = 'on')
    OR organization_id = (SELECT NULLIF(current_setting('app.organization', true), '')::uuid)
"""
HINT = "Let DATABASE_URL name a role that is neither a superuser nor has BYPASSRLS."
ABOVE_THE_WALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def walled_models() -> list[type[TenantModel]]:
    """Return every model whose rows the server guards."""
    return [
        model for model in apps.get_models() if issubclass(model, TenantModel) and model._meta.label not in LEFT_OUT
    ]


def raise_walls(*, using: str, **_kwargs: Any) -> None:
    """Put the policy on every table that has none. Runs after `migrate`, as the owner of the tables."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = %s", [POLICY])
        guarded = {name for (name,) in cursor.fetchall()}
        for model in walled_models():
            name = model._meta.db_table
            if name in existing - guarded:
                cursor.execute(f"ALTER TABLE {quote(name)} ENABLE ROW LEVEL SECURITY")
                cursor.execute(f"ALTER TABLE {quote(name)} FORCE ROW LEVEL SECURITY")
                cursor.execute(f"CREATE POLICY {POLICY} ON {quote(name)} USING ({WALL}) WITH CHECK ({WALL})")


def check_role(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Complain about a role that the policies do not hold for."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute(ABOVE_THE_WALL)
            (is_above,) = cursor.fetchone() or (False,)
        if is_above:
            hint = "Let DATABASE_URL name a role that is neither a superuser nor has BYPASSRLS."
            found.append(
                Warning("Row-level security does not hold for this database role.", hint=hint, id="apicenter.W010")
            )
    return found
