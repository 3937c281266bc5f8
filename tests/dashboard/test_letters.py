"""Letters about accounts: all of them, in every language, as text and HTML, and throttled."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apicenter.organizations.letters import LETTERS
from apicenter.organizations.models import User
from apicenter.organizations.second_step import seal_again
from tests.dashboard.people import signed_in_just_now
from tests.factories import PASSWORD, make_organization, make_user

pytestmark = pytest.mark.django_db
UNUSED = ("login_code", "password_reset_code")  # ways to sign in that are switched off
SIGN_UP = {"name": "Joris", "company": "De Wilde BV", "password1": PASSWORD}


def test_there_is_a_letter_for_every_occasion_of_the_library():
    templates = Path(allauth.__file__).parent / "templates"
    known = {
        str(path.relative_to(templates)).removesuffix("_message.txt")
        for part in ("account", "mfa")
        for path in (templates / part / "email").glob("*_message.txt")
    }

    wanted = {name for name in known if not name.endswith(("base", *UNUSED)) and "base_" not in name}
    assert wanted == LETTERS.keys()


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_is_whole_in_each_language(name: str, language: str):
    user = make_user(language=language)
    context = {
        "user": user,
        "activate_url": "https://example.com/confirm",
        "password_reset_url": "https://example.com/reset",
        "from_email": "old@example.com",
        "to_email": "new@example.com",
        "deleted_email": "old@example.com",
        "timestamp": timezone.now(),
        "ip": "192.0.2.1",
        "user_agent": "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/130.0",
    }

    get_adapter().send_mail(name, user.email, context)

    letter = mail.outbox[0]
    html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    assert letter.subject.startswith(f"{settings.SITE_NAME}: ")
    assert f'<html lang="{language}">' in html
    for text in (str(letter.body), html):
        assert "http" in text
        assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        assert ("Firefox, Linux" in text) == LETTERS[name].is_notice


def test_a_known_and_an_unknown_address_get_the_same_page_and_each_a_letter():
    make_user("known@example.com")
    pages = [
        Client().post("/accounts/signup/", {**SIGN_UP, "email": email}, follow=True)
        for email in ("known@example.com", "unknown@example.com")
    ]

    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert [letter.to for letter in mail.outbox] == [["known@example.com"], ["unknown@example.com"]]
    assert "You already have an account" in mail.outbox[0].subject


def test_a_known_address_takes_as_long_as_a_new_one(monkeypatch: pytest.MonkeyPatch):
    make_user("known@example.com")
    hashed: list[str] = []
    monkeypatch.setattr("dashboard.you.forms.make_password", hashed.append)

    Client().post("/accounts/signup/", {**SIGN_UP, "email": "known@example.com"})

    assert hashed == [PASSWORD]


def test_asking_for_a_new_password_says_the_same_for_every_address():
    make_user("known@example.com")
    pages = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True).content
        for email in ("known@example.com", "unknown@example.com")
    ]

    assert re.sub(rb'value="[^"]+"', b"", pages[0]) == re.sub(rb'value="[^"]+"', b"", pages[1])
    assert [len(letter.to) for letter in mail.outbox] == [1, 1]


def test_links_in_letters_go_to_our_own_address_whatever_host_was_asked_for(settings: object):
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    make_user("known@example.com")

    Client(headers={"host": "evil.example"}).post("/accounts/password/reset/", {"email": "known@example.com"})

    assert "evil.example" not in str(mail.outbox[0].body)
    assert f"{django_site()}/accounts/password/reset/key/" in str(mail.outbox[0].body)


def django_site() -> str:
    return settings.SITE_URL


def test_a_new_password_by_letter_works_once():
    user = make_user("known@example.com")
    make_organization(owner=user)
    client = Client()
    client.post("/accounts/password/reset/", {"email": "known@example.com"})
    found = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert found is not None
    form = client.get(found.group(), follow=True)
    path = form.redirect_chain[-1][0]

    client.post(path, {"password1": "a fine new password", "password2": "a fine new password"})

    assert client.post("/accounts/login/", {"login": user.email, "password": "a fine new password"}).status_code == 302
    assert "no longer good" in Client().get(found.group(), follow=True).content.decode()
    assert "password was changed" in mail.outbox[1].subject


def test_whoever_asks_too_often_is_told_how_long_to_wait():
    call_command("createcachetable", verbosity=0)
    client = Client()
    for number in range(20):
        client.post("/accounts/signup/", {**SIGN_UP, "email": f"no address {number}"})

    response = client.post("/accounts/signup/", {**SIGN_UP, "email": "no address"})

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "Wait 1 minute and try again." in response.content.decode()


def test_too_many_wrong_passwords_are_stopped_and_said_so():
    call_command("createcachetable", verbosity=0)
    user = make_user()
    pages = [
        Client().post("/accounts/login/", {"login": user.email, "password": "wrong"}).content.decode()
        for _number in range(6)
    ]

    assert "do not belong together" in pages[0]
    assert "Wait five minutes" in pages[5]


def test_what_one_signs_in_with_is_sealed():
    user = make_user()
    make_organization(owner=user)
    client = signed_in_just_now(user)

    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})

    row = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(row.data)
    before = dict(row.data)
    assert seal_again() == 2  # with the seed of the recovery codes
    row.refresh_from_db()
    assert row.data != before
    assert decrypt(row.data["secret"]) == secret


def test_what_was_stored_in_the_clear_is_read_and_sealed_by_a_rotation():
    row = Authenticator.objects.create(
        user=make_user(), type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    assert row.wrap().validate_code(code_of("JBSWY3DPEHPK3PXP"))

    seal_again()

    row.refresh_from_db()
    assert "JBSWY3DPEHPK3PXP" not in str(row.data)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_the_last_second_step_stays_where_a_company_wants_it():
    user = make_user()
    organization = make_organization(owner=user, require_mfa=True)
    row = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    client = signed_in_just_now(user)

    page = client.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert "Your company wants two-step sign-in" in page
    assert Authenticator.objects.filter(pk=row.pk).exists()
    type(organization).objects.update(require_mfa=False)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(pk=row.pk).exists()


def test_an_address_is_changed_once_the_new_one_is_confirmed():
    user = make_user("old@example.com")
    make_organization(owner=user)
    client = signed_in_just_now(user)

    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    assert User.objects.get().email == "old@example.com"
    found = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[0].body))
    assert found is not None
    client.post(found.group())

    assert User.objects.get().email == "new@example.com"
