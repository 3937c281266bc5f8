"""Accounts in a real browser: sign-up to a second step, passkeys, invitations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail

from apicenter.organizations import invitations
from apicenter.organizations.models import Membership
from tests.browser.conftest import Window
from tests.dashboard.company import Company
from tests.dashboard.test_letters import code_of
from tests.factories import PASSWORD, inside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(open_window: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setattr(settings, "SITE_URL", live_server.url)
    return open_window()


def add_authenticator(window: Window) -> None:
    """Give the browser a device that answers for its owner's finger."""
    session = window.page.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def open_link(window: Window, pattern: str) -> None:
    found = re.search(pattern, str(mail.outbox[-1].body))
    assert found is not None
    window.open(found.group())


def confirm_who_it_is(window: Window) -> None:
    if "/reauthenticate/" in window.page.url:
        window.page.fill("input[name=password]", PASSWORD)
        window.page.click("main button[type=submit]")


def sign_out(window: Window) -> None:
    window.page.context.clear_cookies()


def test_from_sign_up_to_a_sign_in_with_a_code(window: Window) -> None:
    page = window.page
    window.open("/accounts/signup/")
    page.fill("input[name=name]", "Joris De Wilde")
    page.fill("input[name=company]", "De Wilde BV")
    page.fill("input[name=email]", "joris@example.com")
    page.fill("input[name=password1]", "too short")
    assert "3" in page.inner_text("[data-length-of]")
    page.click("[data-reveal]")
    assert page.get_attribute("input[name=password1]", "type") == "text"
    page.fill("input[name=password1]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/confirm-email/")
    open_link(window, r"/accounts/confirm-email/\S+")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{window.address}/**")

    window.open("/accounts/2fa/totp/activate/")
    confirm_who_it_is(window)
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    page.click("details summary:has-text('Cannot scan')")
    secret = page.inner_text("#totp-secret")
    page.fill("input[name=code]", code_of(secret))
    page.click("main button[type=submit]")
    page.wait_for_url("**/recovery-codes/**")
    code = page.locator("#recovery-codes li").first.inner_text()
    sign_out(window)

    window.open("/accounts/login/")
    page.fill("input[name=login]", "joris@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=login]) button[type=submit]")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.fill("input[name=code]", "000000")
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_selector("text=This code is not right")
    page.fill("input[name=code]", code)  # the app's own code was used a moment ago, and counts once
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_selector("text=De Wilde BV")

    assert window.problems() == []


def test_a_passkey_is_added_and_signs_in_without_a_password(window: Window, company: Company) -> None:
    page = window.page
    add_authenticator(window)
    window.sign_in(company)
    window.open("/accounts/2fa/webauthn/add/")
    confirm_who_it_is(window)
    page.fill("input[name=name]", "Laptop")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    window.open("/accounts/2fa/webauthn/")
    assert "Laptop" in page.inner_text("main")
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1
    sign_out(window)

    window.open("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{window.address}/")

    assert "7 records need you" in page.inner_text("h1")
    assert window.problems() == []


def test_a_passkey_is_the_second_step_after_a_password(window: Window, company: Company) -> None:
    page = window.page
    add_authenticator(window)
    window.sign_in(company)
    window.open("/accounts/2fa/webauthn/add/")
    confirm_who_it_is(window)
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    sign_out(window)

    window.open("/accounts/login/")
    page.fill("input[name=login]", company.owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=login]) button[type=submit]")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{window.address}/")

    assert window.problems() == []


def test_a_device_that_gives_no_answer_is_explained(window: Window) -> None:
    window.page.add_init_script("navigator.credentials.get = () => Promise.reject(new DOMException('no'))")
    window.open("/accounts/login/")

    window.page.click("#passkey_login")

    window.page.wait_for_selector("text=The device gave no answer")
    assert window.problems() == []


@pytest.mark.parametrize("width", [1440, 390])
def test_an_invitation_is_answered_with_a_new_account(
    open_window: Any, company: Company, live_server: Any, width: int
) -> None:
    with inside(company.organization):
        owner = Membership.objects.get()
        invitations.invite(
            company.organization,
            email="piet@example.com",
            role="viewer",
            language="nl",
            by=owner,
            link=lambda token: f"{live_server.url}/join/{company.organization.pk}/{token}",
        )
    window = open_window(width=width)
    page = window.page

    open_link(window, r"/join/\S+")
    page.wait_for_url("**/join/")
    assert page.get_attribute("html", "lang") == "nl"
    page.fill("input[name=name]", "Piet van Dijk")
    page.fill("input[name=password]", "four words on paper")
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{window.address}/")

    with inside(company.organization):
        assert Membership.objects.get(user__email="piet@example.com").role == "viewer"
    assert window.problems() == []
