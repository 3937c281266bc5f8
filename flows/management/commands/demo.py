"""`manage.py demo`: the main job without a browser, between the two sandboxes, until every record is accounted for."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console

from apicenter.tenancy import organization_context
from apicenter.wsgi import application
from flows.demo.company import PAIR_FLOWS, prepare_demo
from flows.demo.life import enliven, life_at_rest
from flows.models import Flow, Run, RunRecord
from flows.running import progress
from flows.services import equation, start_run

PATIENCE = timedelta(seconds=90)


class Command(BaseCommand):
    help = "Set up a demo organization, sync both flows between the sandboxes, sync again, print the reconciliation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prepare-only", action="store_true", help="set up and leave the rest to a server")

    def handle(self, *args: Any, **options: Any) -> None:
        console = progress.console_for(self.stdout)
        call_command("migrate", verbosity=0)
        with _own_server():
            organization = prepare_demo(say=console.print)
            if options["prepare_only"]:
                with organization_context(organization.pk), progress.dispatcher_if_needed():
                    enliven(organization, run=lambda flow: self._run(console, flow), say=console.print)
                return
            with organization_context(organization.pk), life_at_rest(), progress.dispatcher_if_needed():
                first = self._pass(console, _("First run"))
                second = self._pass(console, _("Second run: nothing has changed in between"))
                self._judge(first, second)
                self._say_what_needs_a_person(console)
        console.print(_("Every record that was read is accounted for, and the second run sent nothing."))

    def _say_what_needs_a_person(self, console: Console) -> None:
        held = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).order_by("kind", "natural_key")
        if held:
            console.print(_("What needs a person, and why:"))
        for record in held:
            console.print(f"  {record.kind} {record.natural_key}: {record.reason}", highlight=False)

    def _judge(self, first: list[Run], second: list[Run]) -> None:
        if not progress.is_accounted_for([*first, *second]):
            raise CommandError("A record is not accounted for.")
        sent = sum(tally.created + tally.updated for run in second for tally in equation(run))
        if sent:
            raise CommandError(f"The second run sent {sent} records although nothing had changed.")

    def _pass(self, console: Console, title: str) -> list[Run]:
        runs = [self._run(console, Flow.objects.get(kind=kind)) for kind in PAIR_FLOWS]
        console.print(progress.table_of(runs, title=title))
        return runs

    def _run(self, console: Console, flow: Flow) -> Run:
        run = start_run(flow, Run.Trigger.COMMAND)
        progress.follow([run], console, patience=PATIENCE)
        return Run.objects.select_related("flow").get(pk=run.pk)


class _own_server:
    """The sandbox, served on a free port of this machine for as long as the command runs."""

    def __enter__(self) -> None:
        self._server = waitress.create_server(application, host="127.0.0.1", port=0, threads=8)
        url = f"http://127.0.0.1:{self._server.effective_port}/sandbox"
        self._before = settings.ENV
        settings.ENV = settings.ENV.model_copy(update={"SANDBOX_URL": url})
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        settings.ENV = self._before
        self._server.close()
