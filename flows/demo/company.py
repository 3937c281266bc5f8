"""The demo organization: a believable company in both sandboxes and the flows between them, ready to run."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _

from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context
from connectors.models import Connection
from connectors.sandbox.models import Account
from connectors.sandbox.services import set_options
from connectors.services import connect_sandbox, open_connector
from flows.models import Flow
from flows.setup.creation import create_flow

NAME = "Demo"
CALLS_PER_MINUTE = 6000  # the real one allows 200: nobody wants to watch a demo for three minutes
EMAIL = "demo@example.com"
PASSWORD = "look around freely"  # noqa: S105 - of a demo organization on the user's own machine
PAIR_FLOWS = ("products", "orders")


def prepare_demo(*, say: Callable[[str], object]) -> Organization:
    """Make the demo organization with its two sandboxes, connections and flows, or return it as it stands."""
    organization = Organization.objects.filter(name=NAME).first()
    if organization is None:
        say(_("Making a demo organization and filling two sandboxes …"))
        organization = Organization.objects.create(name=NAME)
    with organization_context(organization.pk):
        _ensure_member(organization)
        teamleader, visma_net = _connections(organization)
        for kind, source, target in (("products", visma_net, teamleader), ("orders", teamleader, visma_net)):
            if not Flow.objects.filter(kind=kind).exists():
                pairs = _vat_pairs(teamleader) if kind == "products" else ORDER_PAIRS
                create_flow(kind, source, target, values=SETTINGS.get(kind), pairs=pairs)
    return organization


SETTINGS = {"orders": {"text_line_item": "SRV-10085"}}
VAT_CATEGORIES = ("21", "12", "6", "0")
EU_COUNTRIES = ("DE", "ES", "FR", "IE", "IT", "LU", "NL")
ORDER_PAIRS = {
    "customer_class": {"company": "BE", "person": "PRIVATE"},
    "vat_zone": {
        "BE|*": "BE",
        **{f"{country}|eu_business": "EU" for country in EU_COUNTRIES},
        **{f"{country}|eu_private": "BE" for country in EU_COUNTRIES},
        "*": "EXPORT",
    },
}


def _vat_pairs(teamleader: Connection) -> dict[str, dict[str, str]]:
    """Choose the first department's rate for each VAT category: two departments have 21 %, and a person would pick."""
    rates: dict[str, str] = {}
    with open_connector(teamleader, is_interactive=True) as connector:
        for option in connector.options("tax_rates"):
            if option.rate is not None:
                rates.setdefault(f"{(option.rate * 100).normalize():f}", option.value)
    return {"vat": {category: rates[category] for category in VAT_CATEGORIES if category in rates}}


def _ensure_member(organization: Organization) -> None:
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, PASSWORD, name=_("Demo user"))
    EmailAddress.objects.get_or_create(user=user, email=EMAIL, defaults={"verified": True, "primary": True})
    Membership.objects.get_or_create(user=user, organization=organization, defaults={"role": Membership.Role.OWNER})


def _connections(organization: Organization) -> tuple[Connection, Connection]:
    found = {one.connector: one for one in Connection.objects.filter(environment=Connection.Environment.SANDBOX)}
    if {"teamleader", "visma_net"} <= set(found):
        return found["teamleader"], found["visma_net"]
    pair = connect_sandbox(organization)
    for account in Account.objects.filter(system=Account.System.TEAMLEADER):
        set_options(account, limit_calls=CALLS_PER_MINUTE)
    return pair
