"""`manage.py sync`: run flows now and show how every record ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context
from flows.management.arguments import add_organization, get_flows, get_organization
from flows.models import Flow, Run
from flows.running import progress
from flows.services import start_run


class Command(BaseCommand):
    help = "Run flows now, one after the other; exits 1 when a record is not accounted for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flows", nargs="*", help="kinds, names or ids; all flows if none is given")
        parser.add_argument("--limit", type=int, help="stop reading after so many records")
        parser.add_argument("--no-wait", action="store_true", help="only queue; a server or worker does the work")
        parser.add_argument("--patience", type=float, default=60, help="seconds to wait for records that rest")
        add_organization(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        console = progress.console_for(self.stdout)
        organization = get_organization(options["organization"])
        with organization_context(organization.pk):
            runs: list[Run] = []
            flows = get_flows(options["flows"])
            if options["no_wait"]:
                for flow in flows:
                    self._start(flow, options["limit"])
                return
            with progress.dispatcher_if_needed():
                for flow in flows:
                    run = self._start(flow, options["limit"])
                    runs.append(run)
                    progress.follow([run], console, patience=timedelta(seconds=options["patience"]))
            runs = [Run.objects.select_related("flow").get(pk=run.pk) for run in runs]
            console.print(progress.table_of(runs))
            if not progress.is_accounted_for(runs):
                raise CommandError("A record is not accounted for.")

    def _start(self, flow: Flow, limit: int | None) -> Run:
        try:
            return start_run(flow, Run.Trigger.COMMAND, limit=limit)
        except ApicenterError as error:
            raise CommandError(str(error)) from error
