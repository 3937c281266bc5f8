"""One system as the pages draw it: its state, its form, and what was tried just now."""

from __future__ import annotations

from dataclasses import dataclass

from connectors import services
from connectors.base import AuthKind, Connector
from connectors.models import Connection
from connectors.registry import connector_class
from dashboard.overview.check_lines import CheckLine, lines_of
from dashboard.setup.connect_form import ConnectForm
from dashboard.setup.guides import Guide, guide_for
from flows.services import wake_connection


@dataclass(frozen=True, slots=True)
class ConnectPanel:
    """A system, connected or not."""

    connector: type[Connector]
    connection: Connection | None
    form: ConnectForm
    checks: list[CheckLine] | None

    @property
    def key(self) -> str:
        return self.connector.key

    @property
    def title(self) -> str:
        return self.connector.title

    @property
    def is_ok(self) -> bool:
        return self.connection is not None and self.connection.state == Connection.State.OK

    @property
    def has_consent(self) -> bool:
        """Whether a person signs in at the vendor, rather than entering ids here."""
        return self.connector.auth.kind == AuthKind.OAUTH_CODE

    @property
    def has_files(self) -> bool:
        """Whether there are files in place of a system."""
        return self.connector.files is not None

    @property
    def is_open(self) -> bool:
        """Whether the form shows at once: what works keeps it folded away."""
        return not self.is_ok or bool(self.form.errors)

    @property
    def guide(self) -> Guide:
        return guide_for(self.connector)


def panel_for(
    key: str, connection: Connection | None, *, form: ConnectForm | None = None, is_checked: bool = False
) -> ConnectPanel:
    """Return the panel of a system, tried live if that is asked for; what waited for it then goes on."""
    connector = connector_class(key)
    lines = None
    if connection is not None and is_checked:
        lines = lines_of(services.check(connection))
        connection.refresh_from_db()
        if connection.state == Connection.State.OK:
            wake_connection(connection)
    return ConnectPanel(connector, connection, form or ConnectForm(connector, connection), lines)
