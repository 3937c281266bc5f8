"""`manage.py billing`: what the operator sees and does about orders and trials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apicenter.audit import Actor, acting_as
from apicenter.billing.models import Order
from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from flows.management.arguments import add_organization, get_organization
from flows.plans.charging import find_subscription
from flows.plans.ordering import mark_handled
from flows.plans.trials import extend_trial

COMMAND = "manage.py billing"


class Command(BaseCommand):
    help = "List orders and trials, mark an order as handled, extend a trial."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        orders = actions.add_parser("orders", help="orders of all organizations, newest first")
        orders.add_argument("--open", action="store_true", help="only those that are not handled yet")
        actions.add_parser("trials", help="where every organization stands")
        handled = actions.add_parser("handled", help="an order is invoiced, or what was ordered is done")
        handled.add_argument("reference", help="as it stands in the letter, such as 1A2B3C4D")
        extend = actions.add_parser("extend", help="give an organization more free days")
        extend.add_argument("days", type=int)
        add_organization(extend)

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(Actor(via=COMMAND)):
            getattr(self, f"_{options['action']}")(options)

    def _orders(self, options: dict[str, Any]) -> None:
        found = [(order, company) for company in _inside_each() for order in Order.objects.all()]
        shown = [one for one in found if not options["open"] or one[0].state == Order.State.OPEN]
        for order, company in sorted(shown, key=lambda one: one[0].created_at, reverse=True):
            amount = f"{order.amount} {order.currency}{f' per {order.period}' if order.period else ''}"
            placed = f"{order.reference}  {order.created_at:%Y-%m-%d %H:%M}"
            self.stdout.write(f"{placed}  {order.state:7}  {order.kind:10}  {amount}  {company.name}")
        if not shown:
            self.stdout.write("No order.")

    def _trials(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        for company in _inside_each():
            subscription = find_subscription()
            trial = subscription.trial if subscription else None
            if subscription is None or trial is None:
                state = "not begun"
            elif subscription.has_plan(now):
                end = f", ends {subscription.ends_at:%Y-%m-%d}" if subscription.ends_at else ""
                state = f"plan, {subscription.period}ly{end}"
            elif trial.is_over(now):
                state = f"over since {trial.ends_at:%Y-%m-%d}"
            else:
                state = f"{trial.days_left(now)} days left, until {trial.ends_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{company.name} ({company.pk}): {state}")

    def _handled(self, options: dict[str, Any]) -> None:
        for _company in _inside_each():
            order = next((one for one in Order.objects.all() if one.reference == options["reference"].upper()), None)
            if order is not None:
                noted = mark_handled(order)
                self.stdout.write(f"{order} is handled." if noted else f"{order} was handled before.")
                return
        raise CommandError(f"There is no order {options['reference']}.")

    def _extend(self, options: dict[str, Any]) -> None:
        if options["days"] < 1:
            raise CommandError("Give at least one day.")
        company = get_organization(options["organization"])
        with organization_context(company.pk):
            subscription = extend_trial(options["days"])
        if subscription is None:
            raise CommandError(f"The free days of {company.name} have not begun.")
        self.stdout.write(f"{company.name} has free days until {subscription.trial_ends_at:%Y-%m-%d %H:%M} UTC.")


def _inside_each() -> Iterator[Organization]:
    for organization in Organization.objects.order_by("name", "pk"):
        with organization_context(organization.pk):
            yield organization
