"""What a person enters to connect a system, made from the connector's own description of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from apicenter.organizations.models import Organization
from connectors.auth import client_of, pick_client
from connectors.base import Connector, FormField
from connectors.models import Connection
from connectors.services import CLIENT_FIELDS, connect, reconfigure
from flows.models import Binding

LONGEST = 300


class ConnectForm(forms.Form):
    """The fields of one connector. What is secret is written only: an empty box keeps what is stored."""

    def __init__(
        self, connector: type[Connector], connection: Connection | None = None, data: QueryDict | None = None
    ) -> None:
        super().__init__(data, auto_id=f"{connector.key}_%s")
        self.connector = connector
        self.connection = connection
        is_demo = connection is not None and connection.environment == Connection.Environment.SANDBOX
        has_own = all(pick_client(connector.key, {}, {})) or not connector.auth.has_client
        self.needs_client = not is_demo and not has_own
        has_client = connection is not None and all(client_of(connection))
        for one in connector.form:
            if one.name not in CLIENT_FIELDS or self.needs_client:
                self.fields[one.name] = self._field(one, has_client=has_client)

    def _field(self, one: FormField, *, has_client: bool) -> forms.Field:
        is_kept = one.is_secret or one.name in CLIENT_FIELDS
        is_required = one.is_required or one.name in CLIENT_FIELDS
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        if is_kept and has_client:
            attributes["placeholder"] = _("stored; fill in to replace it")
        hint = str(one.hint) if one.name not in CLIENT_FIELDS or one.is_required else ""
        return forms.CharField(
            label=str(one.title),
            help_text=hint,
            max_length=LONGEST,
            required=is_required and not (is_kept and has_client),
            initial="" if is_kept or self.connection is None else self.connection.settings.get(one.name, ""),
            widget=forms.PasswordInput(attrs=attributes) if one.is_secret else forms.TextInput(attrs=attributes),
        )

    @property
    def common(self) -> list[Any]:
        """The boxes everybody fills in."""
        rare = set(self._rare_names)
        return [field for field in self.visible_fields() if field.name not in rare]

    @property
    def rare(self) -> list[Any]:
        """The boxes that are usually left empty; they are folded away."""
        return [self[name] for name in self._rare_names]

    @property
    def _rare_names(self) -> list[str]:
        return [one.name for one in self.connector.form if not one.is_required and one.name not in CLIENT_FIELDS]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("client_id") and not values.get("client_secret"):
            self.add_error("client_secret", _("A client id goes with its own client secret. Enter both."))
        tenant = self.connector.auth.tenant_field
        if tenant and self._moves_away(tenant, values.get(tenant, "")):
            self.add_error(tenant, _("Records were sent through this connection, so it stays with its company."))
        return values

    def _moves_away(self, tenant: str, value: str) -> bool:
        """Whether what is paired with one company would go to another one."""
        one = self.connection
        if one is None or not value or value.lower() == str(one.settings.get(tenant, "")).lower():
            return False
        return (
            Binding.objects.filter(from_connection=one).exists() or Binding.objects.filter(to_connection=one).exists()
        )

    def save(self, organization: Organization, environment: str) -> Connection | None:
        """Make the connection or change it; None, with the errors at their fields, when something is not right."""
        entered = {name: value for name, value in self.cleaned_data.items() if name not in CLIENT_FIELDS}
        hidden = {name: self.cleaned_data.get(name) or "" for name in CLIENT_FIELDS if name in self.fields}
        try:
            if self.connection is not None:
                reconfigure(self.connection, settings=entered, secrets=hidden)
                return self.connection
            return connect(
                organization,
                self.connector.key,
                name=self.connector.title,
                environment=environment,
                settings=entered,
                secrets=hidden,
            )
        except ValidationError as error:
            for name, problems in error.message_dict.items():
                self.add_error(name if name in self.fields else None, problems)
            return None
