"""Accounts: passwords, guessing, what tells whether somebody has one, sessions, showing again who one is, the trail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from apicenter import settings as own_settings
from apicenter.organizations.models import AuditEntry, User
from tests.dashboard.people import signed_in, signed_in_just_now
from tests.factories import PASSWORD, inside, make_organization, make_user
from tests.guard.crawl import Visitor
from tests.guard.world import World

NEW = "umbrella violin seventeen"


def sign_in(email: str = "sofie@example.com", password: str = PASSWORD, **headers: str) -> Client:
    client = Client()
    client.answer = client.post("/accounts/login/", {"login": email, "password": password}, headers=headers)  # type: ignore[attr-defined]
    return client


@pytest.fixture
def sofie(db: None) -> User:
    user = make_user("sofie@example.com")
    make_organization(owner=user)
    return user


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("Xq7vLp2mzKt", False),  # 11, and not soon guessed
        ("123456789012", False),  # a run
        ("passwordpassword", False),  # a common one, twice
        ("Welcome123456!", False),  # a common one with digits around it
        ("abcdefghijklm", False),  # a run
        ("aaaaaaaaaaaaaa", False),
        ("sofie.claes@example.com", False),  # one's own address
        ("VerhaegenLicht2026", False),  # one's company and a year
        ("14/02/1987 claes", False),  # a date and one's name
        ("1qaz2wsx3edc4rfv", False),  # columns of keys
        ("1q2w3e4r5t6y7u8i9o", False),  # leaked, and not soon guessed otherwise
        ("P@ssw0rd2026!!", False),  # signs that look alike
        ("twelve chars", True),  # no rules about signs
        ("four words and then some more words until it is sixty-four long", True),
    ],
)
def test_a_password_is_long_and_not_well_known(sofie: User, password: str, is_taken: bool):
    User.objects.filter(pk=sofie.pk).update(email="sofie.claes@example.com")

    answer = signed_in(sofie).post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )

    assert (answer.status_code == 302) == is_taken
    sofie.refresh_from_db()
    assert sofie.check_password(password) == is_taken


def test_passwords_are_hashed_as_django_recommends():
    own = getattr(own_settings, "PASSWORD_HASHERS", global_settings.PASSWORD_HASHERS)

    assert own == global_settings.PASSWORD_HASHERS  # the quick one of tests is in no setting


def test_guessing_is_slowed_down_and_locks_nobody_out_for_good(sofie: User):
    for _number in range(5):
        sign_in(password="wrong guess here")

    assert "Too many wrong tries" in sign_in().answer.content.decode()  # type: ignore[attr-defined]
    assert "Too many" not in sign_in("joris@example.com").answer.content.decode()  # type: ignore[attr-defined]
    assert User.objects.get(pk=sofie.pk).is_active


def anonymous(page: str) -> str:
    """Without what differs from one answer to the next anyway."""
    for pattern in (r'name="csrfmiddlewaretoken" value="\w+"', r"[A-Z2-9]{4}-[A-Z2-9]{4}", r"[\w.]+@example\.com"):
        page = re.sub(pattern, "", page)
    return page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/login/", {"login": "EMAIL", "password": "wrong guess here"}),
        ("/accounts/password/reset/", {"email": "EMAIL"}),
        ("/accounts/signup/", {"email": "EMAIL", "password1": NEW, "name": "Joris", "company": "De Wilde"}),
    ],
)
def test_nobody_learns_whether_an_address_has_an_account(
    sofie: User, path: str, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    hashed: list[str] = []
    work = PBKDF2PasswordHasher.encode

    def counted(self: PBKDF2PasswordHasher, password: str, salt: str, iterations: int | None = None) -> str:
        hashed.append("known" if len(answers) == 0 else "unknown")
        return work(self, password, salt, 1)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    answers: list[tuple[int, str, str]] = []
    for email in ("sofie@example.com", "nobody@example.com"):
        answer = Client().post(path, {name: value.replace("EMAIL", email) for name, value in form.items()})
        answers.append((answer.status_code, answer.headers.get("Location", ""), anonymous(answer.content.decode())))

    assert answers[0] == answers[1]
    assert hashed.count("known") == hashed.count("unknown")
    assert len(mail.outbox) in {0, 2}  # either both get a letter or nobody


AGAIN = {  # dangerous: done only by whoever showed just now who they are
    "export": "/company/data/export/",
    "delete": "/company/data/delete/",
    "hand over": "/company/team/{membership}/hand-over/",
    "remove a member": "/company/team/{membership}/remove/",
    "another role": "/company/team/{membership}/role/",
    "invite an admin": "/company/team/invite/",
    "protect less": "/company/settings/",
    "delete a flow": "/flows/{flow}/delete/now/",
    "address of a connection": "/connections/{connection}/address/",
    "disconnect": "/connections/{connection}/disconnect/",
    "remove": "/connections/{connection}/remove/",
    "token": "/api-access/",
    "address": "/api-access/flows/{flow}/address/",
    "webhook": "/notifications/webhooks/",
    "where a webhook goes": "/notifications/webhooks/{webhook}/",
    "secret of a webhook": "/notifications/webhooks/{webhook}/secret/",
    "delete account": "/you/delete/",
    "e-mail": "/accounts/email/",
    "app": "/accounts/2fa/totp/activate/",
    "key": "/accounts/2fa/webauthn/add/",
    "recovery codes": "/accounts/2fa/recovery-codes/generate/",
}


@pytest.mark.parametrize("what", AGAIN)
def test_whoever_left_the_screen_open_is_asked_again(ours: World, what: str):
    ids = {name: ours.id_of(name) for name in ("membership", "connection", "flow", "webhook")}
    Authenticator.objects.filter(user=ours.owner).delete()
    path = AGAIN[what].format(**ids)

    answer = signed_in(ours.owner).post(path, {"action_add": "", "email": "new@example.com", "role": "admin"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    now = signed_in_just_now(ours.owner).post(path, {})
    assert not now.headers.get("Location", "").startswith("/accounts/reauthenticate/")


def test_a_new_password_ends_every_other_session(sofie: User):
    here, elsewhere = sign_in(), sign_in()
    assert elsewhere.get("/log/").status_code == 200

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert here.get("/log/").status_code == 200
    assert elsewhere.get("/log/").status_code == 302


def test_a_session_has_a_new_name_after_signing_in_and_none_after_signing_out(sofie: User):
    client = Client()
    client.get("/join/")
    session = client.session
    session["mark"] = 1
    session.save()
    before = session.session_key

    client.post("/accounts/login/", {"login": sofie.email, "password": PASSWORD})
    after = client.session.session_key
    client.post("/accounts/logout/")

    assert before != after
    stolen = Client()
    stolen.cookies["session"] = after
    assert stolen.get("/log/").status_code == 302


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_code_of_the_app_works_once(sofie: User, monkeypatch: pytest.MonkeyPatch):
    counter = next(yield_hotp_counters_from_time())  # its time never runs out here, however slow the machine is
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter([counter]))
    secret = generate_totp_secret()
    TOTP.activate(sofie, secret)
    first = sign_in()
    assert first.answer["Location"] == "/accounts/2fa/authenticate/"  # type: ignore[attr-defined]
    assert first.get("/log/").status_code == 302  # the password alone opens nothing
    code = format_hotp_value(hotp_value(secret, counter))

    assert first.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    second = sign_in()
    assert second.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert first.get("/log/").status_code == 200


def test_owners_see_who_signed_in_and_what_was_tried(sofie: User):
    organization = sofie.organizations.get()
    sign_in(password="wrong guess here")
    client = sign_in()
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    client.post("/accounts/logout/")

    with inside(organization):
        entries = list(AuditEntry.objects.order_by("created_at", "pk"))
    assert [one.action for one in entries] == ["sign_in.failed", "sign_in.done", "password.changed", "sign_in.ended"]
    assert {one.address for one in entries} == {"127.0.0.1"}
    trail = sign_in(password=NEW).get("/company/trail/").content.decode()
    assert "could not sign in" in trail
    assert "changed the password" in trail


def test_colleagues_do_not_see_when_somebody_signs_in(ours: World):
    with inside(ours.organization):
        AuditEntry.objects.create(who="Sofie", action="second_step.added")
        AuditEntry.objects.create(who="Sofie", action="flow.paused")

    for role, is_seen in (("viewer", False), ("editor", False), ("admin", True)):
        visitor = Visitor(ours.member(role))
        for page in ("/company/trail/", "/company/trail/?action=second_step.added", "/company/trail/export/"):
            assert ("added a second step" in visitor.visit("GET", page).text) == is_seen, (role, page)
        assert "added a second step" not in visitor.visit("GET", "/company/team/").text


def test_a_second_step_that_comes_or_goes_is_written_down(
    sofie: User, django_capture_on_commit_callbacks: Callable[..., Any]
):
    client = signed_in_just_now(sofie)
    client.get("/accounts/2fa/totp/activate/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": code_of(client.session["mfa.totp.secret"])})
        client.post("/accounts/2fa/totp/deactivate/")

    with inside(sofie.organizations.get()):
        actions = list(AuditEntry.objects.order_by("created_at", "pk").values_list("action", flat=True))
    assert actions.count("second_step.added") == actions.count("second_step.removed") == 2  # the app and its codes


def test_there_is_no_admin_site(db: None):
    """What an operator needs is a command of manage.py; a second way in would need walls of its own."""
    assert not [name for name in get_resolver().reverse_dict if "admin" in str(name).split(":")]
    assert Client().get("/admin/").status_code == 404
