"""The page of tokens and addresses, the addresses themselves, and the reference."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apicenter.api.models import ApiToken
from apicenter.organizations.models import Membership
from apicenter.tenancy import platform_context
from dashboard.api.reference import groups, schema
from flows.models import FlowHook, Run
from flows.triggers.hooks import make_hook
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in_just_now
from tests.factories import add_member, inside, make_user

pytestmark = pytest.mark.django_db
PAGE = "/api-access/"
FORM = {"name": "Warehouse", "scopes": ["flows:read"], "days": "90"}


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture
def owner(company: Company) -> Client:
    return signed_in_just_now(company.owner)


def test_a_token_is_shown_once(owner: Client):
    made = owner.post(PAGE, FORM).content.decode()
    text = re.search(r"apic_[\w-]{40,}", made)

    assert text is not None
    assert owner.get(PAGE).content.decode().count(text.group()) == 0
    assert Client().get("/api/v1/flows/", headers={"Authorization": f"Bearer {text.group()}"}).status_code == 200


def test_a_token_without_scope_keeps_what_was_entered(owner: Client):
    answer = owner.post(PAGE, {"name": "Warehouse", "days": "30"})

    assert answer.status_code == 400
    assert 'value="Warehouse"' in answer.content.decode()
    with platform_context():
        assert not ApiToken.unscoped.exists()


def test_withdrawing_closes_the_door(owner: Client, company: Company):
    owner.post(PAGE, FORM)
    with platform_context():
        token = ApiToken.unscoped.get()

    owner.post(f"{PAGE}tokens/{token.pk}/revoke/")

    with inside(company.organization):
        token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Warehouse" not in owner.get(PAGE).content.decode().split("new-h")[0].split("tokens-h")[1]


@pytest.mark.parametrize("role", [Membership.Role.EDITOR, Membership.Role.VIEWER])
def test_only_who_administers_sees_tokens(company: Company, role: str):
    person = make_user("jan@example.com")
    add_member(company.organization, person, role=role)
    client = Client()
    client.force_login(person)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, FORM).status_code == 403
    assert client.post(f"{PAGE}flows/{company.products.pk}/address/").status_code == 403


def test_things_of_others_are_not_there(owner: Client):
    other = make_company("joris@example.com", name="Other")
    with inside(other.organization):
        hook, _secret = make_hook(other.products)

    assert owner.post(f"{PAGE}flows/{other.products.pk}/address/").status_code == 404
    assert owner.post(f"{PAGE}addresses/{hook.pk}/remove/").status_code == 404


def test_an_address_starts_its_flow_once(owner: Client, company: Company):
    page = owner.post(f"{PAGE}flows/{company.products.pk}/address/").content.decode()
    path = re.search(r"/api/hooks/[\w-]{40,}/", page).group()  # type: ignore[union-attr]
    program = Client(enforce_csrf_checks=True)

    first, second = program.post(path, {"id": "whatever"}), program.post(path)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    with platform_context():
        assert Run.unscoped.get(pk=first.json()["run"]).flow == company.products
    with platform_context():
        assert FlowHook.unscoped.get().calls == 2
    assert program.get(path).status_code == 405


def test_an_address_that_is_gone_or_never_was_starts_nothing(owner: Client, company: Company):
    with inside(company.organization):
        hook, secret = make_hook(company.products)
    owner.post(f"{PAGE}addresses/{hook.pk}/remove/")

    assert Client().post(f"/api/hooks/{secret}/").status_code == 404
    assert Client().post("/api/hooks/guess/").json()["error"]["code"] == "not_found"


def test_an_address_of_a_paused_flow_says_so(company: Company):
    with inside(company.organization):
        _hook, secret = make_hook(company.products)
        company.products.pause()

    answer = Client().post(f"/api/hooks/{secret}/")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "flow.inactive")


def test_the_secret_of_an_address_is_not_kept(company: Company):
    with inside(company.organization):
        _hook, secret = make_hook(company.products)

    with platform_context():
        assert secret not in str(FlowHook.unscoped.values().get())


def test_the_reference_names_every_operation_and_needs_no_sign_in():
    page = Client().get("/api/docs/").content.decode()

    paths = schema()["paths"]
    assert sum(len(group.operations) for group in groups()) == sum(len(methods) for methods in paths.values())
    assert all(path in page for path in paths)
