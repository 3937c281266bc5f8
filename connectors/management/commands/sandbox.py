"""`manage.py sandbox`: look at the fake systems, seed them again, make them fail."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.sandbox import services
from connectors.sandbox.faults import Faults
from connectors.sandbox.models import Account
from connectors.sandbox.options import Options


class Command(BaseCommand):
    """Shows, resets and changes sandbox accounts."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Show the sandbox accounts; “reset” seeds them again; “set NAME=VALUE …” changes how they behave."
        )
        parser.add_argument("action", nargs="?", choices=("show", "reset", "set"), default="show")
        parser.add_argument("values", nargs="*", metavar="NAME=VALUE")
        parser.add_argument("--system", choices=Account.System.values)
        parser.add_argument("--organization", type=uuid.UUID, metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = _accounts(options["system"], options["organization"])
        if options["action"] != "set" and options["values"]:
            raise CommandError(_("Only “set” takes NAME=VALUE."))
        if options["action"] == "set":
            self._set(accounts, options["values"])
        for account in accounts:
            if options["action"] == "reset":
                services.reset(account)
            self._show(account)

    def _set(self, accounts: list[Account], values: list[str]) -> None:
        faults, behaviour = _split(values)
        try:
            for account in accounts:
                if faults:
                    services.set_faults(account, **faults)
                if behaviour:
                    services.set_options(account, **behaviour)
        except services.NotAccepted as error:
            raise CommandError(str(error)) from error

    def _show(self, account: Account) -> None:
        name = Account.System(account.system).label
        self.stdout.write(self.style.MIGRATE_HEADING(f"{name}  {account.remote_id}"))
        self._line(_("organization"), f"{account.organization} ({account.organization_id})")
        self._line(_("client id"), account.client_id)
        counted = account.things.values_list("kind").annotate(count=Count("pk")).order_by("kind")
        self._line(_("holds"), ", ".join(f"{kind} {count}" for kind, count in counted))
        calls = account.calls.filter(at__gt=timezone.now() - timedelta(minutes=1)).count()
        self._line(_("calls in the last minute"), str(calls))
        self._line(_("options"), _pairs(Options.of(account).model_dump()))
        self._line(_("faults"), _pairs(Faults.of(account).model_dump(exclude_defaults=True)) or _("none"))

    def _line(self, label: str, text: str) -> None:
        self.stdout.write(f"  {label}: {text}")


def _accounts(system: str | None, organization: uuid.UUID | None) -> list[Account]:
    found = Account.unscoped.select_related("organization").order_by("organization__created_at", "system")
    if organization:
        found = found.filter(organization_id=organization)
    organizations = {account.organization_id for account in found}
    if not organizations:
        raise CommandError(_("There is no sandbox account here."))
    if len(organizations) > 1:
        listed = ", ".join(sorted(str(key) for key in organizations))
        raise CommandError(
            _("Several organizations have sandbox accounts: add --organization with one of %s.") % listed
        )
    return [account for account in found if system in (None, account.system)]


def _split(values: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Faults and options by name. Raises CommandError for anything else."""
    faults: dict[str, Any] = {}
    behaviour: dict[str, Any] = {}
    for pair in values:
        name, equals, text = pair.partition("=")
        if not equals:
            raise CommandError(_("Write NAME=VALUE, not “%s”.") % pair)
        if name in Faults.model_fields:
            faults[name] = _value(text)
        elif name in Options.model_fields:
            behaviour[name] = _value(text)
        else:
            known = ", ".join(sorted({*Faults.model_fields, *Options.model_fields}))
            raise CommandError(
                _("There is no fault or option named “%(name)s”. Known: %(known)s.") % {"name": name, "known": known}
            )
    if not values:
        raise CommandError(_("Say what to set, as NAME=VALUE."))
    return faults, behaviour


def _value(text: str) -> Any:
    """JSON where it is JSON: 0.2, true, ["/products"]; else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
