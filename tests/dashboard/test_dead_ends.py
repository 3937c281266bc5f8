"""No blank page: after signing in again, and at addresses that only take forms."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.dashboard.company import Company, make_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


def test_an_address_that_only_takes_forms_says_so_to_people(company: Company):
    client = Client()
    client.force_login(company.owner)

    answer = client.get(reverse("dashboard:send_again", args=[company.held.pk]))

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "This address only takes what a form sends" in answer.content.decode()


@pytest.mark.parametrize(
    ("referer", "after"),
    [
        ("http://testserver/needs-you/?flow=1", "/needs-you/"),
        ("https://elsewhere.example/needs-you/", "/"),
        ("", "/"),
    ],
)
def test_whoever_sent_a_form_after_the_session_ended_comes_back_to_the_page_with_the_form(
    company: Company, referer: str, after: str
):
    headers = {"referer": referer} if referer else {}

    answer = Client().post(reverse("dashboard:send_again", args=[company.held.pk]), headers=headers)

    assert answer["Location"] == f"/accounts/login/?next={after}"
