"""What the commands share: picking an organization and its flows."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser

from apicenter.organizations.models import Organization
from flows.models import Flow


def add_organization(parser: CommandParser) -> None:
    parser.add_argument("--organization", help="its id or name; not needed while there is only one")


def get_organization(wanted: str | None) -> Organization:
    """Return the organization meant. Raises CommandError naming the choices."""
    found = list(Organization.objects.all()) if not wanted else _named(wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(
            f"There is no organization {wanted}." if wanted else "There is no organization yet: make demo."
        )
    names = ", ".join(f"{one.name} ({one.pk})" for one in found[:10])
    raise CommandError(f"Say which organization with --organization: {names}.")


def _named(wanted: str) -> list[Organization]:
    by_name = list(Organization.objects.filter(name=wanted))
    return by_name or [one for one in Organization.objects.all() if str(one.pk) == wanted]


def get_flows(wanted: list[str]) -> list[Flow]:
    """Return the flows of the organization in context that are meant by kind, name or id; all of them for none."""
    flows = list(Flow.objects.select_related("source", "target", "organization").order_by("created_at"))
    if not wanted:
        return flows
    chosen = [flow for flow in flows if {flow.kind, flow.name, str(flow.pk)} & set(wanted)]
    unknown = [name for name in wanted if not any(name in {flow.kind, flow.name, str(flow.pk)} for flow in flows)]
    if unknown:
        raise CommandError(f"No flow is called {', '.join(unknown)}. There are: {', '.join(f.name for f in flows)}.")
    return chosen
