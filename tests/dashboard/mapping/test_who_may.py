"""Who may look at a map, and who may change it."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.organizations.models import Membership
from connectors.maps import FieldMap, When
from flows.maps.changes import FieldPlace
from flows.maps.drafts import set_field
from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import NAME, page_of, text_of
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db


def looked_at(company: Company) -> list[str]:
    return [page_of(company, path) for path in ("", "publish/", "trial/", "history/", "?field=name")]


def changed_by(company: Company) -> list[str]:
    paths = ("edit/", "draft/undo/", "draft/redo/", "draft/discard/", "pair/", "trial/", "publish/now/")
    return [page_of(company, path) for path in (*paths, "history/1/restore/", "history/1/copy/")]


def test_a_viewer_sees_everything_and_changes_nothing(company: Company):
    viewer = make_user("viewer@example.com")
    add_member(company.organization, viewer, role=Membership.Role.VIEWER)
    with inside(company.organization):
        place, off = FieldPlace("products", "", "name"), FieldMap(target="name", source="name", when=When.NEVER)
        set_field(company.products, place, off, author=None, seen=0)
    client = signed_in(viewer)

    assert {client.get(path).status_code for path in looked_at(company)} == {200}
    assert {client.post(path, {"do": "remove", "place": NAME}).status_code for path in changed_by(company)} == {403}
    page = text_of(client, page_of(company, "?field=name"))
    assert 'name="do"' not in page.replace('name="do" value="when"', "").replace('name="do" value="empty"', "").replace(
        'name="do" value="step"', ""
    )


def test_another_organization_finds_nothing(company: Company):
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    client = signed_in(stranger)

    assert {client.get(path).status_code for path in looked_at(company)} == {404}
    assert {client.post(path).status_code for path in changed_by(company)} == {404}


def test_a_visitor_is_asked_to_sign_in(company: Company):
    assert {Client().get(path).status_code for path in looked_at(company)} == {302}


@pytest.mark.parametrize(
    "query",
    ["?field=nothing", "?kind=nothing", "?record=nothing", "?list=x&field=y", "?add=", "?q=%00", "?as=x&show=y"],
)
def test_an_address_that_makes_no_sense_is_no_failure(client: Client, company: Company, query: str):
    assert client.get(page_of(company, query)).status_code == 200
