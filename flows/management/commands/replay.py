"""`manage.py replay`: send records that need a person again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.tenancy import organization_context
from flows.management.arguments import add_organization, get_flows, get_organization
from flows.models import RunRecord
from flows.needs.replays import replay


class Command(BaseCommand):
    help = "Send records that need a person again, planned afresh with the present maps and tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flows", nargs="*", help="kinds, names or ids; all flows if none is given")
        parser.add_argument("--cause", help="only records held by this cause, such as vat.no_pair")
        parser.add_argument("--record", help="only the record with this key, number or SKU")
        add_organization(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = get_organization(options["organization"])
        with organization_context(organization.pk):
            records = RunRecord.objects.filter(flow__in=get_flows(options["flows"]))
            if options["cause"]:
                records = records.filter(code=options["cause"])
            if options["record"]:
                wanted = options["record"]
                records = records.filter(natural_key=wanted) | records.filter(source_key=wanted)
            count = replay(records)
        if not count:
            raise CommandError("No record that needs a person fits.")
        self.stdout.write(f"{count} records are sent again.")
