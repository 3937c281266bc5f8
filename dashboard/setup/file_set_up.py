"""A spreadsheet in place of one of two systems: its connection, and the set-up that belongs to it.

Such a set-up goes by the id of the connection with the files; the other system is remembered in its settings.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.organizations.models import Organization
from connectors import services
from connectors.base import Connector
from connectors.models import Connection
from connectors.registry import all_connectors, connector_class

PARTNER = "partner"


def file_connectors() -> list[type[Connector]]:
    """Return the connectors that work with files."""
    return [one for one in all_connectors() if one.files is not None]


def has_files(connection: Connection) -> bool:
    return connector_class(connection.connector).files is not None


def partners() -> QuerySet[Connection]:
    """Return the connections that a spreadsheet may be linked with."""
    keys = [one.key for one in file_connectors()]
    return Connection.objects.exclude(connector__in=keys).filter(state=Connection.State.OK).order_by("name")


def file_connections() -> list[Connection]:
    """Return the connections of the organization that work with files."""
    keys = [one.key for one in file_connectors()]
    return list(Connection.objects.filter(connector__in=keys).order_by("created_at"))


def add_files(organization: Organization, partner: Connection, *, name: str, currency: str) -> Connection:
    """Make a connection with files beside another system. Raises ValidationError."""
    connector = file_connectors()[0]
    made = services.connect(
        organization,
        connector.key,
        name=name or _("Spreadsheet for %(name)s") % {"name": partner.name},
        environment=partner.environment,
        settings={PARTNER: str(partner.pk), **({"currency": currency} if currency else {})},
        secrets={},
    )
    services.check(made)
    record_change("sheet.connection_made", subject=made.name)
    return made


def partner_of(connection: Connection) -> Connection | None:
    """Return the system that a connection with files is linked with, or None if it is gone."""
    pk = connection.settings.get(PARTNER)
    return Connection.objects.filter(pk=str(pk)).select_related("lane").first() if pk else None
