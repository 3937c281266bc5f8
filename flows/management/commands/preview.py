"""`manage.py preview`: what a run would do, without doing it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apicenter.causes import sentence
from apicenter.crypto import redact
from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context
from flows.management.arguments import add_organization, get_flows, get_organization
from flows.setup.preview import preview


class Command(BaseCommand):
    help = "Show what would happen to the next records of a flow; nothing is written to either system."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flows", nargs="*", help="kinds, names or ids; all flows if none is given")
        parser.add_argument("--limit", type=int, default=20)
        parser.add_argument("--from-start", action="store_true", help="as if nothing had been read before")
        parser.add_argument("--payload", action="store_true", help="show what would be sent")
        add_organization(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = get_organization(options["organization"])
        with organization_context(organization.pk):
            for flow in get_flows(options["flows"]):
                try:
                    planned = preview(flow, limit=options["limit"], from_start=options["from_start"])
                except ApicenterError as error:
                    raise CommandError(f"{flow.name}: {error}") from error
                self.stdout.write(f"{flow.name}: {len(planned)} records")
                for one in planned:
                    change = one.change
                    reason = sentence(change.code, change.params) if change.code else ""
                    self.stdout.write(f"  {change.action:<10} {change.natural_key:<24} {reason}".rstrip())
                    if options["payload"] and change.payload:
                        self.stdout.write(json.dumps(redact(change.payload), indent=2, default=str))
