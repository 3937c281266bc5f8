"""Every page: a member sees it, a stranger gets a 404 or the sign-in page, and nobody sees another organization."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern

from apicenter.organizations.models import Membership
from dashboard.urls import urlpatterns
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in_just_now
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db

SECRET = "ZZSECRETZZ"
OPEN_TO_ALL = {"api_reference", "demo", "healthz", "metrics", "readyz", "theme", "language"}
FOR_ADMINS = {"ask_delete_flow", "api_tokens"}  # tests/dashboard/flow/test_settings.py, test_api_access.py
WITHOUT_OBJECT = {"switch_organization", "new_organization"}
ELSEWHERE = {"chart"}  # a part of a page: a plain request is led to the page
OF_ADMINS = {"disconnect_connection"}
FOR_ALL_OBJECTS = {"run_all", "log_selected", "undo_aside"}  # names no object: a stranger acts on nothing


@pytest.fixture
def company() -> Company:
    return make_company()


def sign_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pages(company: Company) -> dict[str, str]:
    return {
        "overview": "/",
        "needs_you": "/needs-you/",
        "log": "/log/",
        "log_export": "/log/export/",
        "log_new": "/log/new/",
        "connections": "/connections/",
        **object_pages(company),
    }


def object_pages(company: Company) -> dict[str, str]:
    return {
        "disconnect_connection": f"/connections/{company.visma_net.pk}/disconnect/",
        "record": f"/log/{company.held.pk}/",
        "flow": f"/flows/{company.orders.pk}/",
        "flow_map": f"/flows/{company.products.pk}/map/",
        "flow_tables": f"/flows/{company.orders.pk}/tables/",
        "flow_settings": f"/flows/{company.products.pk}/settings/",
        "flow_filters": f"/flows/{company.orders.pk}/filters/",
        "flow_schedule": f"/flows/{company.orders.pk}/schedule/",
        "flow_backfill": f"/flows/{company.orders.pk}/backfill/",
        "flow_check": f"/flows/{company.orders.pk}/check/",
        "run": f"/flows/{company.products.pk}/runs/{company.run.pk}/",
    }


def changes(company: Company) -> dict[str, str]:
    return {
        "run_all": "/run/",
        "send_group": "/needs-you/0123456789abcdef/send/",
        "choose_match": f"/needs-you/{company.held.pk}/choose/",
        "send_again": f"/log/{company.held.pk}/send/",
        "set_aside": f"/log/{company.held.pk}/set-aside/",
        "record_note": f"/log/{company.held.pk}/notes/",
        "take_back": f"/log/{company.held.pk}/take-back/",
        "undo_aside": "/log/undo/",
        "add_pair": f"/flows/{company.orders.pk}/tables/{company.vat.pk}/pairs/",
        "run_now": f"/flows/{company.products.pk}/run/",
        "pause_flow": f"/flows/{company.products.pk}/pause/",
        "resume_flow": f"/flows/{company.products.pk}/resume/",
        "save_flow_settings": f"/flows/{company.orders.pk}/settings/save/",
        "rename_flow": f"/flows/{company.orders.pk}/rename/",
        "delete_flow": f"/flows/{company.orders.pk}/delete/now/",
        "try_filters": f"/flows/{company.orders.pk}/filters/try/",
        "save_filters": f"/flows/{company.orders.pk}/filters/save/",
        "check_flow_now": f"/flows/{company.orders.pk}/check/now/",
        "save_check": f"/flows/{company.orders.pk}/check/save/",
        "save_instant": f"/flows/{company.orders.pk}/instant/save/",
        "make_address": f"/connections/{company.orders.source.pk}/address/",
        "save_behaviour": f"/flows/{company.orders.pk}/behaviour/save/",
        "save_schedule": f"/flows/{company.orders.pk}/schedule/save/",
        "begin_backfill": f"/flows/{company.orders.pk}/backfill/start/",
        "stop_run": f"/flows/{company.products.pk}/runs/{company.run.pk}/stop/",
        "go_on_run": f"/flows/{company.products.pk}/runs/{company.run.pk}/go-on/",
        "leave_rest": f"/flows/{company.products.pk}/runs/{company.run.pk}/leave/",
        "log_selected": "/log/selected/",
        "check_connection": f"/connections/{company.visma_net.pk}/check/",
        "rename_connection": f"/connections/{company.visma_net.pk}/rename/",
        "add_hook": f"/api-access/flows/{company.products.pk}/address/",
        "revoke_token": f"/api-access/tokens/{company.products.pk}/revoke/",
        "drop_hook": f"/api-access/addresses/{company.products.pk}/remove/",
        "remove_connection": f"/connections/{company.visma_net.pk}/remove/",
    }


def test_every_address_is_in_these_tests(company: Company):
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}

    assert named == {
        *pages(company), *changes(company), *OPEN_TO_ALL, *WITHOUT_OBJECT, *FOR_ADMINS, *ELSEWHERE,
    }  # fmt: skip


def test_a_member_sees_every_page(company: Company):
    client = sign_in(company.owner)

    assert {name: client.get(path).status_code for name, path in pages(company).items()} == dict.fromkeys(
        pages(company), 200
    )


def test_a_visitor_is_asked_to_sign_in(company: Company):
    for path in [*pages(company).values()]:
        if path == "/":
            continue  # visitors have a page of their own there: tests/dashboard/test_public.py
        response = Client().get(path)

        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")


def test_a_stranger_gets_a_404_for_every_object(company: Company):
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = signed_in_just_now(stranger)

    read = [client.get(path).status_code for path in object_pages(company).values()]
    written = {
        name: client.post(path).status_code for name, path in changes(company).items() if name not in FOR_ALL_OBJECTS
    }

    assert set(read) == {404}
    assert set(written.values()) == {404}


def test_nothing_of_another_organization_is_ever_shown(company: Company):
    make_company("other@example.com", name=f"Other {SECRET}", mark=SECRET)
    client = sign_in(company.owner)

    for path in [*pages(company).values(), f"/log/?q={SECRET[:6]}"]:
        assert SECRET not in client.get(path).content.decode()


def test_a_viewer_reads_everything_and_changes_nothing(company: Company):
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    client = sign_in(viewer)

    read = {name: client.get(path).status_code for name, path in pages(company).items()}
    assert {name for name, status in read.items() if status != 200} == OF_ADMINS
    assert {read[name] for name in OF_ADMINS} == {403}
    assert {client.post(path).status_code for path in changes(company).values()} == {403}


def test_a_viewer_is_offered_no_buttons_that_change_anything(company: Company):
    viewer = make_user("accountant@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    client = sign_in(viewer)

    for name, path in pages(company).items():
        page = client.get(path).content.decode() if name not in OF_ADMINS else ""
        assert not [change for change in changes(company).values() if f'"{change}"' in page]


def test_what_changes_something_cannot_be_reached_by_a_link(company: Company):
    client = sign_in(company.owner)

    assert {client.get(path).status_code for path in changes(company).values()} == {405}


def test_a_post_without_a_token_is_refused(company: Company):
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.owner)

    assert {client.post(path).status_code for path in changes(company).values()} == {403}


def test_pages_of_members_are_not_cached(company: Company):
    response = sign_in(company.owner).get("/")

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_pages_carry_the_strict_policy_and_nothing_inline(company: Company):
    client = sign_in(company.owner)

    for path in pages(company).values():
        response = client.get(path)
        page = response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "onclick=" not in page


def test_the_organization_is_chosen_by_membership_only(company: Company):
    own = make_organization("Second company", owner=company.owner)
    foreign = make_organization("Foreign company")
    client = sign_in(company.owner)

    assert client.post("/organization/", {"organization": str(own.pk)}).status_code == 302
    assert "Nothing has run yet" in client.get("/log/").content.decode()
    assert client.get(f"/log/{company.held.pk}/").status_code == 404
    assert client.post("/organization/", {"organization": str(foreign.pk)}).status_code == 404
    assert client.post("/organization/", {"organization": "nonsense"}).status_code == 404


def test_a_lost_membership_ends_at_once(company: Company):
    client = sign_in(company.owner)
    client.post("/organization/", {"organization": str(company.organization.pk)})
    with inside(company.organization):
        Membership.objects.all().delete()

    assert client.get("/")["Location"] == "/organization/new/"


def test_somebody_without_a_company_makes_one():
    client = sign_in(make_user("alone@example.com"))

    assert client.get("/")["Location"] == "/organization/new/"
    assert client.post("/organization/new/", {"company": "Fresh BV"}).status_code == 302
    assert "Fresh BV" in client.get("/").content.decode()
