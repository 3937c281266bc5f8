"""`manage.py connect`: make or repair a connection, and try it."""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from apicenter.causes import sentence
from apicenter.errors import ApicenterError
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.auth import pick_client
from connectors.base import AuthKind, CheckResult, Connector, Finding
from connectors.models import Connection
from connectors.pkce import new_verifier
from connectors.registry import UnknownConnector, connector_class
from connectors.services import check, connect, connect_sandbox, consent_url, finish_authorization, reconfigure

SANDBOX = "sandbox"


class Command(BaseCommand):
    help = "Makes or repairs a connection of an organization and tries it; “sandbox” connects both fake systems."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", help="sandbox, teamleader, visma_net, or the key of an installed connector")
        parser.add_argument("--organization", help="its id; not needed while there is only one")
        parser.add_argument("--name", default="", help="what to call the connection; an existing one is repaired")
        parser.add_argument("--client-id", default="", help="default: from the environment")
        parser.add_argument("--client-secret", default="", help="default: from the environment, else asked for")
        parser.add_argument("--tenant-id", default="", help="Visma.net: the tenant id of the company")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any other setting")
        parser.add_argument("--code", default="", help="the code that the consent page sent back with")
        parser.add_argument("--verifier", default="", help="what was printed beside the page, if anything was")
        parser.add_argument("--redirect-uri", default="", help="default: the address of this site")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = _find_organization(options["organization"])
        with organization_context(organization.id):
            try:
                self._connect(organization, options)
            except (ApicenterError, UnknownConnector) as error:
                raise CommandError(str(error)) from error
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error

    def _connect(self, organization: Organization, options: dict[str, Any]) -> None:
        if options["system"] == SANDBOX:
            for connection in connect_sandbox(organization):
                self._try(connection)
            return
        connector = connector_class(options["system"])
        connection = _make_or_repair(organization, connector, options)
        if connector.auth.kind == AuthKind.OAUTH_CODE:
            redirect_uri = options["redirect_uri"] or f"{settings.SITE_URL}/"
            if options["code"]:
                finish_authorization(connection, options["code"], redirect_uri, verifier=options["verifier"])
            elif not connection.credentials.exists():
                self._show_consent(connection, connector, redirect_uri)
                return
        self._try(connection)

    def _show_consent(self, connection: Connection, connector: type[Connector], redirect_uri: str) -> None:
        verifier = new_verifier()
        url = consent_url(connection, redirect_uri=redirect_uri, state=secrets.token_urlsafe(24), verifier=verifier)
        self.stdout.write(_("Open this page, allow the access, and run this command again with --code:"))
        self.stdout.write(url)
        if connector.auth.has_pkce:
            self.stdout.write(f"--verifier={verifier}")

    def _try(self, connection: Connection) -> None:
        self.stdout.write(f"{connection.name}:")
        results = check(connection)
        for row in results:
            self.stdout.write(f"  {row.finding.value:4}  {_line(row)}")
        if any(row.finding == Finding.BAD for row in results):
            raise CommandError(_("“%(name)s” does not work yet.") % {"name": connection.name})


def _find_organization(given: str | None) -> Organization:
    rows = Organization.objects.order_by("created_at")
    try:
        found = list(rows.filter(pk=given) if given else rows[:2])
    except ValidationError:
        found = []
    if len(found) != 1:
        raise CommandError(_("Name the organization with --organization and its id."))
    return found[0]


def _make_or_repair(organization: Organization, connector: type[Connector], options: dict[str, Any]) -> Connection:
    name = options["name"] or connector.title
    entered = _settings(connector, options)
    environment = Connection.Environment.PRODUCTION
    existing = Connection.objects.filter(connector=connector.key, name=name, environment=environment).first()
    hidden = _secrets(connector, options, entered, stored=existing.read_secrets() if existing else {})
    if existing is not None:
        reconfigure(existing, settings=entered, secrets=hidden)
        return existing
    return connect(organization, connector.key, name=name, environment=environment, settings=entered, secrets=hidden)


def _settings(connector: type[Connector], options: dict[str, Any]) -> dict[str, str]:
    entered: dict[str, str] = {}
    for pair in options["set"]:
        name, is_pair, value = pair.partition("=")
        if not is_pair:
            raise CommandError(_("--set takes NAME=VALUE, not “%(given)s”.") % {"given": pair})
        entered[name] = value
    if options["tenant_id"] and connector.auth.tenant_field:
        entered[connector.auth.tenant_field] = options["tenant_id"]
    return entered


def _secrets(
    connector: type[Connector], options: dict[str, Any], entered: dict[str, str], *, stored: dict[str, str]
) -> dict[str, str]:
    """What was given; a secret that is nowhere is asked for, unseen, when a person sits at the terminal."""
    given = {name: options[name] for name in ("client_id", "client_secret") if options[name]}
    _client_id, client_secret = pick_client(connector.key, {**stored, **given}, entered)
    if not client_secret and sys.stdin.isatty():
        given["client_secret"] = getpass(_("Client secret: "))
    return given


def _line(row: CheckResult) -> str:
    if row.finding == Finding.OK or not row.code:
        return str(row.what)
    return f"{row.what}: {sentence(row.code, row.params)}"
