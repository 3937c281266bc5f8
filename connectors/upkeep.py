"""What people do with a connection after it was made: rename, disconnect, remove."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from connectors.models import Connection
from connectors.webhook_addresses import end_deliveries

LONGEST_NAME = 150


class ConnectionInUse(ValueError):
    """Flows still go over this connection, so it cannot be removed."""


def rename(connection: Connection, name: str) -> None:
    """Give it another name. Raises ValidationError for one that is empty or too long."""
    wanted = " ".join(name.split())
    if not wanted:
        raise ValidationError(_("A connection needs a name."))
    if len(wanted) > LONGEST_NAME:
        raise ValidationError(_("This name is too long."))
    with transaction.atomic():
        record_change("connection.renamed", subject=wanted, before={"name": connection.name}, after={"name": wanted})
        connection.name = wanted
        connection.save(update_fields=["name"])


def erase_access(connection: Connection) -> None:
    """Forget client id, secret and tokens. The account stays known: only the same one may be connected again."""
    with transaction.atomic():
        connection.credentials.all().delete()
        connection.secrets, connection.state = None, Connection.State.NEW
        connection.problem_code, connection.problem_params, connection.problem_at = "", {}, None
        connection.checks, connection.checked_at = [], None
        connection.save()
        record_change("connection.disconnected", subject=connection.name)


def remove(connection: Connection) -> None:
    """Delete a connection that no flow uses, with its pairs of records. Raises ConnectionInUse."""
    lane = connection.lane
    if not connection.flows_out.exists() and not connection.flows_in.exists():
        end_deliveries(connection)
    try:
        with transaction.atomic():
            connection.delete()
            record_change("connection.removed", subject=connection.name)
    except ProtectedError as error:
        raise ConnectionInUse(connection.name) from error
    if lane is not None:
        lane.drop_unless_used()
