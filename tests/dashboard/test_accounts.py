"""Signing up and in: allauth's pages in our clothes."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apicenter.organizations.models import Membership, Organization, User
from tests.factories import PASSWORD, inside, make_organization, make_user

pytestmark = pytest.mark.django_db

NEW = {"name": "Joris De Wilde", "company": "De Wilde BV", "email": "joris@example.com", "password1": PASSWORD}
ENTRANCES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/wrong-key/",
    "/accounts/inactive/",
    "/accounts/password/reset/key/1-wrong/",
    "/accounts/password/reset/key/done/",
]
OWN_PAGES = ["/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/accounts/sessions/"]


def test_signing_up_makes_a_company_with_its_owner():
    client = Client()

    response = client.post("/accounts/signup/", NEW)

    assert response["Location"] == "/accounts/confirm-email/"
    organization = Organization.objects.get(name="De Wilde BV")
    with inside(organization):
        membership = Membership.objects.select_related("user").get()
    assert (membership.role, str(membership.user)) == (Membership.Role.OWNER, "Joris De Wilde")


def test_nobody_comes_in_before_the_address_is_confirmed():
    client = Client()
    client.post("/accounts/signup/", NEW)

    client.post("/accounts/login/", {"login": NEW["email"], "password": PASSWORD})
    assert client.get("/log/").status_code == 302

    assert mail.outbox[0].subject.startswith(f"{settings.SITE_NAME}: ")
    link = re.search(rf"{settings.SITE_URL}(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link is not None
    client.post(link.group(1))
    assert client.get("/").status_code == 200


def test_a_mail_server_that_is_down_loses_no_account(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_args: object, **_values: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("apicenter.organizations.adapters.send_letter", refuse)
    client = Client()
    page = client.post("/accounts/signup/", NEW, follow=True).content.decode()

    assert "The message could not be sent" in page
    assert "Confirmation email sent" not in page

    monkeypatch.undo()
    cache.clear()  # three minutes later
    client.post("/accounts/login/", {"login": NEW["email"], "password": PASSWORD})
    assert "/accounts/confirm-email/" in str(mail.outbox[0].body)


def test_a_link_opened_in_another_browser_signs_nobody_in():
    Client().post("/accounts/signup/", NEW)
    link = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[0].body))
    assert link is not None
    client = Client()

    assert client.post(link.group())["Location"] == "/accounts/login/"
    assert client.get("/log/").status_code == 302
    client.post("/accounts/login/", {"login": NEW["email"], "password": PASSWORD})
    assert client.get("/log/").status_code == 200


def test_a_known_address_gets_the_same_answer_and_no_second_company():
    make_user(NEW["email"])

    response = Client().post("/accounts/signup/", NEW)

    assert response["Location"] == "/accounts/confirm-email/"
    assert not Organization.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("path", ENTRANCES)
def test_every_page_before_signing_in_looks_like_ours(path: str):
    page = Client().get(path).content.decode()

    assert "css/pages.css" in page
    assert 'class="form-in"' in page
    assert " style=" not in page


@pytest.mark.parametrize("path", [*OWN_PAGES, "/accounts/logout/", "/accounts/reauthenticate/"])
def test_every_page_of_ones_account_looks_like_ours(path: str):
    user = make_user()
    make_organization(owner=user)
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    page = client.get(path).content.decode()

    assert "css/pages.css" in page
    assert 'id="main"' in page
    assert " style=" not in page


def test_the_language_is_kept_for_the_pages_and_for_messages():
    user = make_user()
    make_organization(owner=user)
    client = Client()
    client.force_login(user)

    client.post("/language/", {"language": "nl", "next": "/log/"})

    assert '<html lang="nl"' in client.get("/").content.decode()
    user.refresh_from_db()
    assert user.language == "nl"


def test_a_language_we_do_not_speak_changes_nothing():
    user = make_user()
    client = Client()
    client.force_login(user)

    client.post("/language/", {"language": "tlh"})

    user.refresh_from_db()
    assert user.language == "en"


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", ' data-bs-theme="dark"'), ("light", ' data-bs-theme="light"')]
)
def test_the_theme_is_kept_in_a_cookie(theme: str, attribute: str):
    client = Client()

    client.post("/theme/", {"theme": theme, "next": "/accounts/login/"})

    assert attribute in client.get("/accounts/login/").content.decode()


def test_the_theme_goes_back_to_the_system():
    client = Client()
    client.post("/theme/", {"theme": "dark"})

    response = client.post("/theme/", {"theme": "", "next": "//evil.example/"})

    assert response["Location"] == "/"
    assert "data-bs-theme" not in client.get("/accounts/login/").content.decode()
