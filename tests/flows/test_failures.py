"""The usual ways to fail: one clear sentence in the right place, the others go on, and it catches up by itself."""

from __future__ import annotations

import pytest
from django.conf import settings

from connectors.models import Connection, Credential
from connectors.sandbox import services as sandbox
from connectors.sandbox.models import Thing
from connectors.services import check, finish_authorization, reconfigure
from flows.models import Flow, Run, RunRecord, ValueTable
from flows.needs.replays import replay
from flows.services import resume
from flows.tables.value_tables import set_pair
from tests.flows.live import Company, let_time_pass, work_what_is_due

pytestmark = pytest.mark.django_db(transaction=True)
FEWEST_ORDERS = 40  # of the 47 that the company has, the rest being odd ones
State = RunRecord.State


def assert_caught_up(company: Company, run: Run) -> None:
    run.refresh_from_db()
    assert (run.state, run.problem) == (Run.State.DONE, "")
    assert company.tally(run, "orders").created >= FEWEST_ORDERS
    assert len(company.things("visma_net", "salesorder")) == company.tally(run, "orders").created


def test_a_wrong_client_secret_is_said_on_the_connection(company: Company):
    visma_net = company.connection("visma_net")
    right = visma_net.read_secrets()["client_secret"]
    reconfigure(visma_net, settings={}, secrets={"client_secret": "wrong"})

    run = company.run("orders")
    visma_net.refresh_from_db()

    wrong = "Visma.net ERP refused the client id or client secret. Check both on the connection."
    assert (visma_net.state, visma_net.problem) == (Connection.State.NEEDS_PERSON, wrong)
    assert (run.state, run.problem) == (Run.State.WAITING, wrong)
    assert company.connection("teamleader").state == Connection.State.OK

    reconfigure(visma_net, settings={}, secrets={"client_secret": right})
    check(visma_net)
    work_what_is_due()

    assert_caught_up(company, run)


def test_expired_access_tokens_are_renewed_without_a_word(company: Company):
    before = {row.pk: row.version for row in Credential.objects.all()}
    for system in ("teamleader", "visma_net"):
        sandbox.set_faults(company.account(system), expire_tokens=True)

    run = company.run("orders")

    assert_caught_up(company, run)
    assert {one.state for one in Connection.objects.all()} == {Connection.State.OK}
    assert all(row.version > before.get(row.pk, -1) for row in Credential.objects.filter(pk__in=before))


def test_a_revoked_grant_asks_for_a_person_and_catches_up_after_reconnecting(company: Company):
    account, teamleader = company.account("teamleader"), company.connection("teamleader")
    sandbox.set_faults(account, revoke=True, expire_tokens=True)

    run = company.run("orders")
    teamleader.refresh_from_db()

    assert teamleader.state == Connection.State.NEEDS_PERSON
    assert teamleader.problem.startswith("Teamleader Focus no longer accepts the authorisation of this connection.")
    assert run.problem == teamleader.problem
    assert company.connection("visma_net").state == Connection.State.OK

    sandbox.set_faults(account, revoke=False)
    redirect_uri = f"{settings.ENV.SITE_URL}/"
    finish_authorization(teamleader, sandbox.authorize(account, redirect_uri), redirect_uri)
    work_what_is_due()

    assert company.connection("teamleader").problem == ""
    assert_caught_up(company, run)


def test_a_missing_product_holds_its_order_only(company: Company):
    run = company.run("orders")

    (held,) = company.held(run, "product.missing")
    assert held.reason == (
        "The item “XTR 99/B” does not exist in Visma.net ERP. Make it there, or choose what to send instead."
    )
    assert company.tally(run, "orders").created >= FEWEST_ORDERS

    pattern = Thing.objects.filter(account__system="visma_net", kind="inventory").first()
    assert pattern is not None
    body = {**pattern.body, "inventoryNumber": "XTR 99/B", "status": "Active"}
    Thing.objects.create(account=pattern.account, kind="inventory", key="XTR 99/B", body=body)
    replay(RunRecord.objects.filter(pk=held.pk))
    work_what_is_due()

    held.refresh_from_db()
    assert held.code != "product.missing", held.reason


def test_an_unmapped_vat_rate_holds_until_it_is_paired(company: Company):
    table = ValueTable.objects.get(flow__kind="orders", name="vat")
    rows = {row.key: row.value for row in table.rows.exclude(value="")}
    table.rows.update(value="", is_confirmed=False)

    run = company.run("orders")
    held = company.held(run, "vat.no_pair")

    assert len(held) > 1
    assert "has no counterpart in the table “vat”. Choose one to send this record." in held[0].reason
    assert held[0].params["key"] not in held[0].reason  # its name is said, not its id
    assert len(company.things("visma_net", "salesorder")) == 0

    for key, value in rows.items():
        set_pair(table, key, value)
    work_what_is_due()

    assert not company.held(run, "vat.no_pair")
    assert_caught_up(company, run)


def test_a_refused_record_says_so_in_the_words_of_the_target(company: Company):
    Thing.objects.get(account__system="visma_net", kind="number_series", key="SOORDER").delete()

    run = company.run("orders")

    held = company.held(run, "refused.by_target")
    assert held
    assert held[0].reason.startswith("Visma.net ERP refused this record: ")
    assert "The number sequence of the order type was not found." in held[0].reason
    assert run.state == Run.State.DONE


def test_a_customer_on_hold_is_named_with_what_to_do(company: Company):
    customer = Thing.objects.filter(account__system="visma_net", kind="customer", key="10015").get()
    customer.body["status"] = "OnHold"
    customer.save()
    flow = company.flow("orders")
    Flow.objects.filter(pk=flow.pk).update(
        settings={**flow.settings, "default_customer": {"is_on": True, "value": "10015", "is_forced": True}}
    )

    run = company.run("orders")

    held = company.held(run, "customer.inactive")
    assert held
    assert held[0].reason.startswith("Customer 10015 is inactive or on hold in Visma.net ERP")
    assert run.state == Run.State.DONE


def test_a_dead_server_is_waited_for(company: Company):
    account = company.account("visma_net")
    sandbox.set_faults(account, down=True)

    run = company.run("orders")

    assert run.problem == "Visma.net ERP cannot be reached at the moment. It is tried again by itself."
    assert company.connection("visma_net").state == Connection.State.OK
    assert run.flow.state == Flow.State.ACTIVE

    sandbox.set_faults(account, down=False)
    let_time_pass()

    assert_caught_up(company, run)


def test_a_paused_flow_keeps_its_work_and_goes_on_when_resumed(company: Company):
    flow = company.flow("orders")
    run = company.start("orders")
    flow.pause()
    work_what_is_due()
    run.refresh_from_db()
    assert run.state == Run.State.WAITING

    resume(flow)
    work_what_is_due()

    assert_caught_up(company, run)
