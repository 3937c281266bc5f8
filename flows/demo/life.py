"""The demo organization as a company at work: flows on a schedule, a past, things that happen, and some that need you.

`manage.py demo` without it stays what it is: two runs that anybody can repeat and compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.models import Connection
from connectors.services import open_connector
from flows.catalog.after import AfterChange, AfterLoss
from flows.demo.company import ORDER_PAIRS
from flows.demo.history import seed_demo_history
from flows.models import Binding, Flow, RunRecord, ValueRow
from flows.setup.creation import create_flow, leave_open

# Minutes: nobody wants to wait long.
SCHEDULES = {
    "products": 2,
    "stock": 2,
    "customers": 5,
    "orders": 1,
    "order_status": 1,
    "invoices": 3,
    "payments": 1,
}
INVOICES = {"text_line_item": "SRV-10085", "arrival": "released"}
STOCK_SETTINGS = {"warehouses": ["GHENT", "SHOWROOM"]}
MOST_HELD = 20  # records that need a person: beyond that, life makes no further trouble
UNANSWERED_VAT = "Medecontractant"
TRACKING = "https://tracking.example/{number}"
CHANGED_ORDER = 42  # a deal whose quotation changes after its order was sent
BLOCKED_BUYER = 44  # the deal whose customer the bookkeeper has blocked


def enliven(organization: Organization, *, run: Callable[[Flow], object], say: Callable[[str], object]) -> None:
    """Let the demo organization live; once, in its context. `run` makes a pass of a flow and waits for its end."""
    from connectors.sandbox.models import Account  # an optional app, as in connectors/services.py
    from connectors.sandbox.services import set_options

    accounts = list(Account.objects.all())
    if any(account.options.get("life") for account in accounts):
        return
    say(_("Letting the demo company work for the first time …"))
    flows = _flows()
    _leave_a_question(flows["orders"])
    for kind in ("products", "stock", "customers"):
        run(flows[kind])
    _block_a_customer(flows["orders"])
    for kind in ("orders", "order_status", "invoices", "payments"):
        run(flows[kind])
    _change_an_order(flows["orders"])
    run(flows["orders"])
    seed_demo_history(list(flows.values()), now=timezone.now())
    for kind, flow in flows.items():
        due = timezone.now() + timedelta(seconds=30)
        Flow.objects.filter(pk=flow.pk).update(every_minutes=SCHEDULES[kind], next_run_at=due)
    for account in accounts:
        set_options(account, life=True)


def _flows() -> dict[str, Flow]:
    found = {flow.kind: flow for flow in Flow.objects.select_related("source", "target")}
    if "stock" not in found:
        products = found["products"]
        found["stock"] = create_flow("stock", products.source, products.target, values=STOCK_SETTINGS)
    if "customers" not in found:
        orders = found["orders"]
        found["customers"] = create_flow("customers", orders.source, orders.target, pairs=ORDER_PAIRS)
    if "order_status" not in found:
        found["order_status"] = _order_status(found["orders"])
    if "invoices" not in found:
        orders = found["orders"]
        found["invoices"] = create_flow("invoices", orders.source, orders.target, values=INVOICES, pairs=ORDER_PAIRS)
    if "payments" not in found:
        found["payments"] = create_flow("payments", found["orders"].target, found["orders"].source)
    return found


def _order_status(orders: Flow) -> Flow:
    """Tell the deals what becomes of their orders, in the fields that the company has for it."""
    with open_connector(orders.source, is_interactive=True) as connector:
        fields = {option.label: option.value for option in connector.options("custom_fields:deal")}
        phases = {option.label: option.value for option in connector.options("deal_phases")}
    values = {
        "number_field": fields["Order number in ERP"],
        "status_field": fields["Order status in ERP"],
        "tracking_field": fields["Tracking number"],
        "tracking_link_field": fields["Tracking link"],
        "invoice_field": fields["Invoice number in ERP"],
        "tracking_address": TRACKING,
        "deal_phase": {"uses_table": True},
    }
    pairs = {"phase": {"Completed": phases["Delivered"], "Invoiced": phases["Invoiced"]}}
    return create_flow("order_status", orders.target, orders.source, values=values, pairs=pairs)


def _leave_a_question(flow: Flow) -> None:
    """One VAT rate of the orders has no counterpart yet, as happens when somebody adds a rate."""
    rows = ValueRow.objects.filter(table__flow=flow, table__name="vat", key_label__icontains=UNANSWERED_VAT)
    for row in rows.select_related("table"):
        leave_open(row.table, [row.key], is_decided=False)


def _block_a_customer(flow: Flow) -> None:
    from connectors.sandbox.life import put_customer_on_hold
    from connectors.sandbox.models import Account
    from connectors.sandbox.seed.teamleader_deals import customer_of_deal

    now = timezone.now()
    key = customer_of_deal(BLOCKED_BUYER, now)
    paired = Binding.objects.filter(kind="customers", source_key=key, to_connection=flow.target).first()
    if paired is not None:
        account = Account.objects.get(system=Account.System.VISMA_NET)
        put_customer_on_hold(account, paired.target_id, now=now)


def _change_an_order(flow: Flow) -> None:
    """A customer orders more of something after the order was sent: a person decides what becomes of it."""
    from connectors.sandbox.life import change_quotation
    from connectors.sandbox.models import Account

    flow.settings |= {"after_change": AfterChange.WARN.value, "after_loss": AfterLoss.WARN.value}
    flow.save(update_fields=["settings"])
    account = Account.objects.get(system=Account.System.TEAMLEADER)
    change_quotation(account, CHANGED_ORDER, now=timezone.now())


def live_sandboxes() -> int:
    """Let something happen in every sandbox that has a life of its own. Returns how many changed."""
    if not settings.ENV.SANDBOX_ENABLED:
        return 0
    from connectors.sandbox.life import live_once
    from connectors.sandbox.services import living_accounts

    changed = 0
    for account in living_accounts():
        with organization_context(account.organization_id):
            held = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).count()
            changed += bool(live_once(account, now=timezone.now(), with_trouble=held < MOST_HELD))
    return changed


def deliver_for_sandboxes() -> int:
    """Let the sandboxes tell what has changed in them. Returns how many deliveries were taken."""
    if not settings.ENV.SANDBOX_ENABLED:
        return 0
    from connectors.sandbox.announcing import deliver_announcements

    return deliver_announcements()


@contextmanager
def life_at_rest() -> Iterator[None]:
    """Nothing happens by itself in the sandboxes of the organization in context for as long as this lasts."""
    from connectors.sandbox.models import Account
    from connectors.sandbox.services import set_options

    living = [account for account in Account.objects.all() if account.options.get("life")]
    schedules = dict(
        Flow.objects.filter(source__environment=Connection.Environment.SANDBOX).values_list("pk", "next_run_at")
    )
    for account in living:
        set_options(account, life=False)
    Flow.objects.filter(pk__in=schedules).update(next_run_at=None)
    try:
        yield
    finally:
        for account in living:
            set_options(account, life=True)
        for pk, next_run_at in schedules.items():
            Flow.objects.filter(pk=pk).update(next_run_at=next_run_at)
