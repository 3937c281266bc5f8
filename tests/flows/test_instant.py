"""Asking a system to announce changes, against the sandbox over a socket: registered, mended, ended."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from connectors.models import Connection, WebhookAddress
from connectors.sandbox.announcing import deliver_announcements
from connectors.sandbox.models import Announcement, Thing
from connectors.sandbox.services import open_account, set_faults, set_options
from connectors.sandbox.teamleader.hooks import touch
from connectors.webhook_addresses import url_of, why_unreachable
from flows.connection_use import disconnect
from flows.models import Flow, Job, Run, Tally
from flows.services import pause
from flows.triggers.instant import bring_into_line, set_reacts_at_once, why_not
from tests.flows.live import Company, let_time_pass
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def registered(company: Company) -> dict[str, list[str]]:
    hooks = Thing.objects.filter(account__system="teamleader", kind="webhook").values_list("body", flat=True)
    return {hook["url"]: hook["types"] for hook in hooks}


def test_the_sandbox_tells_and_the_flow_reads_within_a_turn(company: Company):
    """One test for the whole way, as the company takes a second to set up."""
    call_command("createcachetable")  # this database is made without one
    orders, account = company.flow("orders"), company.account("teamleader")
    company.run("orders", limit=1)
    assert bring_into_line() == 1
    assert bring_into_line() == 0
    address = WebhookAddress.objects.get()
    assert registered(company)[url_of(address)] == ["deal.won", "deal.updated", "deal.moved"]

    deal = company.things("teamleader", "deal")[0]
    set_options(account, webhook_copies=2)
    touch(account, "deal", deal.key, title="Told")
    assert deliver_announcements() == 2
    Job.objects.exclude(run__trigger=Run.Trigger.WEBHOOK).delete()
    let_time_pass()
    run = Run.objects.get(trigger=Run.Trigger.WEBHOOK)
    assert run.state == Run.State.DONE
    assert Tally.objects.get(run=run, kind="orders").is_balanced

    Thing.objects.filter(kind="webhook").delete()  # somebody removed it there
    WebhookAddress.objects.update(checked_at=None)
    assert bring_into_line() == 1
    assert url_of(address) in registered(company)

    pause(orders)
    assert bring_into_line() == 1
    assert not registered(company)

    Flow.objects.filter(pk=orders.pk).update(state=Flow.State.ACTIVE)
    set_faults(account, down=True)
    assert bring_into_line() == 0
    address.refresh_from_db()
    assert address.problem_code
    assert address.try_at is not None
    assert why_not(company.flow("orders")) == address.problem_code
    assert Flow.objects.get(pk=orders.pk).state == Flow.State.ACTIVE  # it goes on by its schedule

    set_faults(account, down=False)
    WebhookAddress.objects.update(try_at=None)
    assert bring_into_line() == 1
    assert registered(company)
    disconnect(company.connection("teamleader"))
    assert not registered(company)
    assert not WebhookAddress.objects.exists()


def test_a_fake_calls_nobody_but_this_platform(shelf_flow: Flow):
    account = open_account(shelf_flow.organization, "teamleader", seeded=False)
    Announcement.objects.create(account=account, url="https://elsewhere.example/api/deliveries/x/", body={})
    Announcement.objects.create(account=account, url="http://169.254.169.254/api/deliveries/x/", body={})

    assert deliver_announcements() == 0
    assert not Announcement.objects.exists()


@pytest.mark.parametrize(
    ("site", "reason"),
    [
        ("https://app.example.com", ""),
        ("http://app.example.com", "instant.not_public"),
        ("https://localhost", "instant.not_public"),
        ("https://10.1.2.3", "instant.not_public"),
        ("https://intranet", "instant.not_public"),
    ],
)
def test_a_system_is_asked_only_where_it_can_reach_us(shelf_flow: Flow, shelf: Shelf, env, site: str, reason: str):
    env(SITE_URL=site)

    assert why_unreachable(shelf_flow.source) == reason


def test_the_switch_is_a_choice_of_the_flow(shelf_flow: Flow, shelf: Shelf):
    assert why_not(shelf_flow) == "instant.unsupported"
    set_reacts_at_once(shelf_flow, wanted=False)

    shelf_flow.refresh_from_db()
    assert not shelf_flow.reacts_at_once
    assert Connection.objects.count() == 2
