"""The front door: tokens, limits, faults, and the services and command that set them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Organization
from connectors.sandbox import faults, limits, services, tokens
from connectors.sandbox.models import Account, Call, Thing, Token
from connectors.sandbox.options import Options

API = "/sandbox/teamleader/api/"


def make_account(*, seeded: bool = False, **options: Any) -> Account:
    organization = Organization.objects.create(name="Lumière")
    account = services.open_account(organization, Account.System.TEAMLEADER, seeded=seeded)
    services.set_options(account, **options)
    return account


def call(account: Account, method: str, body: Any = None, *, token: str = "") -> HttpResponse:
    value = token or tokens.issue_access(account).value
    return Client().post(
        API + method, json.dumps(body or {}), "application/json", headers={"Authorization": f"Bearer {value}"}
    )


def products(account: Account) -> int:
    return account.things.filter(kind="product").count()


@pytest.mark.django_db
def test_an_unknown_token_is_refused():
    assert call(make_account(), "products.list", token="nobody").status_code == 401


@pytest.mark.django_db
def test_an_expired_token_is_refused_and_leaves_the_budget_alone():
    account = make_account()
    token = tokens.issue_access(account).value
    services.set_faults(account, expire_tokens=True)

    refused, fresh = call(account, "products.list", token=token), call(account, "products.list")

    assert (refused.status_code, fresh.status_code) == (401, 200)
    assert fresh["X-RateLimit-Remaining"] == "199"


@pytest.mark.django_db
def test_a_token_of_the_other_system_opens_nothing():
    account = make_account()
    other = services.open_account(account.organization, Account.System.VISMA_NET, seeded=False)

    assert call(account, "products.list", token=tokens.issue_access(other).value).status_code == 401


@pytest.mark.django_db
def test_every_answer_tells_the_budget_even_an_error():
    answer = call(make_account(), "products.info", {"id": "no uuid"})

    assert answer.status_code == 400
    assert answer["X-RateLimit-Limit"] == "200"
    assert datetime.fromisoformat(answer["X-RateLimit-Reset"]) > timezone.now()


@pytest.mark.django_db
def test_the_sliding_window_refuses_then_lets_one_in_as_the_oldest_call_leaves():
    account = make_account(limit_calls=3)
    options, now = Options.of(account), timezone.now()
    for second in range(3):
        Call.objects.create(account=account, at=now + timedelta(seconds=second), method="POST", path="/x", status=200)

    full = limits.take(account, options, now=now + timedelta(seconds=30))
    later = limits.take(account, options, now=now + timedelta(seconds=60, milliseconds=1))

    assert (full.is_spent, full.reset_at) == (True, now + timedelta(seconds=60))
    assert (later.is_spent, later.remaining) == (False, 0)


@pytest.mark.django_db
def test_over_the_limit_is_429_without_retry_after():
    account = make_account(limit_calls=2)

    answers = [call(account, "products.list") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].json()["errors"][0]["status"] == 429
    assert "Retry-After" not in answers[-1]


@pytest.mark.django_db
def test_the_fixed_window_starts_anew():
    account = make_account(limit_calls=2, limit_window="fixed", limit_seconds=3600)
    options, now = Options.of(account), datetime.fromisoformat("2026-11-20T10:59:00+00:00")

    seen = [limits.take(account, options, now=now).is_spent for _ in range(3)]
    after = limits.take(account, options, now=now + timedelta(minutes=1))

    assert seen == [False, False, True]
    assert (after.is_spent, after.remaining) == (False, 1)


@pytest.mark.django_db
def test_the_reset_header_comes_in_both_forms():
    answer = call(make_account(reset_header_form="docs"), "products.list")

    assert answer["X-RateLimit-Reset"].endswith("+0100")
    assert datetime.strptime(answer["X-RateLimit-Reset"], "%Y-%m-%dT%H:%M:%S.%f%z") > timezone.now()


@pytest.mark.django_db
def test_a_lost_answer_was_done_all_the_same():
    account = make_account()
    services.set_faults(account, lost_rate=1)

    answer = call(account, "products.add", {"name": "Lamp"})

    assert (answer.status_code, answer["Content-Type"]) == (504, "text/html")
    assert products(account) == 1


@pytest.mark.django_db
def test_lost_answers_hit_writes_only_unless_paths_are_named():
    account = make_account()
    services.set_faults(account, lost_rate=1)
    read = call(account, "products.list")
    services.set_faults(account, only=["/products.list"])
    named, other = call(account, "products.list"), call(account, "products.add", {"name": "Lamp"})

    assert [read.status_code, named.status_code, other.status_code] == [200, 504, 201]


@pytest.mark.django_db
def test_an_error_fault_changes_nothing():
    account = make_account()
    services.set_faults(account, error_rate=1)

    assert call(account, "products.add", {"name": "Lamp"}).status_code == 500
    assert products(account) == 0


@pytest.mark.django_db
def test_a_429_by_chance_is_soon_over():
    account = make_account()
    services.set_faults(account, limited_rate=1)

    answer = call(account, "products.list")

    assert (answer.status_code, answer["X-RateLimit-Remaining"]) == (429, "0")
    assert datetime.fromisoformat(answer["X-RateLimit-Reset"]) < timezone.now() + timedelta(seconds=4)


@pytest.mark.django_db(transaction=True)
def test_a_late_change_happens_after_the_caller_gave_up():
    account = make_account()
    services.set_faults(account, late_rate=1, late_seconds=0.1)

    status, before = call(account, "products.add", {"name": "Lamp"}).status_code, products(account)
    faults.wait_for_late()

    assert (status, before, products(account)) == (504, 0, 1)


@pytest.mark.django_db
def test_the_same_seed_draws_the_same_faults():
    account = make_account()

    def run() -> list[int]:
        services.set_faults(account, seed=7, error_rate=0.4, limited_rate=0.2)
        return [call(account, "products.list").status_code for _ in range(12)]

    first = run()

    assert run() == first
    assert set(first) == {200, 429, 500}


@pytest.mark.django_db
def test_a_system_that_is_down_answers_503():
    account = make_account()
    services.set_faults(account, down=True)

    assert call(account, "users.me").status_code == 503


@pytest.mark.django_db
def test_broken_json_is_refused():
    account = make_account()
    bearer = {"Authorization": f"Bearer {tokens.issue_access(account).value}"}

    assert Client().post(API + "products.add", "{", "application/json", headers=bearer).status_code == 400


@pytest.mark.django_db
def test_an_organization_has_one_account_per_system():
    account = make_account(seeded=True)

    again = services.open_account(account.organization, Account.System.TEAMLEADER)

    assert again.pk == account.pk
    assert products(account) == 124


@pytest.mark.django_db
def test_a_reset_brings_back_what_was_seeded_and_keeps_tokens():
    account = make_account(seeded=True)
    before = set(account.things.values_list("kind", "key"))
    token = tokens.issue_access(account).value
    account.things.filter(kind="product").delete()
    Thing.objects.create(account=account, kind="product", key="mine", body={})

    services.reset(account)

    assert set(account.things.values_list("kind", "key")) == before
    assert call(account, "users.me", token=token).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), [("lost_rat", 1), ("lost_rate", 2), ("latency_ms", "slow")])
def test_a_fault_with_a_wrong_name_or_value_is_refused_by_name(name: str, value: Any):
    with pytest.raises(services.NotAccepted, match=name):
        services.set_faults(make_account(), **{name: value})


@pytest.mark.django_db
def test_the_command_shows_accounts():
    account = make_account(seeded=True)
    call(account, "users.me")
    out = StringIO()

    call_command("sandbox", stdout=out)

    assert "product 124" in out.getvalue()
    assert "calls in the last minute: 1" in out.getvalue()


@pytest.mark.django_db
def test_the_command_sets_faults_and_options_by_name():
    account = make_account()

    call_command("sandbox", "set", "lost_rate=0.25", "strict=true", 'only=["/products"]', stdout=StringIO())

    account.refresh_from_db()
    assert account.faults["lost_rate"] == 0.25
    assert account.faults["only"] == ["/products"]
    assert account.options["strict"] is True


@pytest.mark.django_db
def test_the_command_names_what_it_does_not_know():
    make_account()

    with pytest.raises(CommandError, match="lost_rat"):
        call_command("sandbox", "set", "lost_rat=1", stdout=StringIO())


@pytest.mark.django_db
def test_the_command_asks_which_organization_is_meant():
    first, _ = make_account(), make_account()

    with pytest.raises(CommandError, match="--organization"):
        call_command("sandbox", stdout=StringIO())
    call_command("sandbox", "set", "down=true", organization=first.organization_id, stdout=StringIO())

    assert list(Account.unscoped.filter(faults__down=True)) == [first]


@pytest.mark.django_db
def test_old_calls_are_pruned():
    account = make_account()
    long_ago = timezone.now() - timedelta(hours=1)
    Call.objects.create(account=account, at=long_ago, method="POST", path="/x", status=200)
    for _ in range(200):
        limits.record(account, Options.of(account), method="POST", path="/x", status=200, now=timezone.now())

    assert not account.calls.filter(at=long_ago).exists()


@pytest.mark.django_db
def test_spent_tokens_go_after_a_day():
    account = make_account()
    old = tokens.issue_access(account)
    Token.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=2))
    code = services.authorize(account, "https://app.example/back")

    tokens.exchange_code(account, code, redirect_uri="https://app.example/back")

    assert not Token.objects.filter(pk=old.pk).exists()
