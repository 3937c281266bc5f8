"""Secrets stay where they are: planted ones are looked for in every place that text comes out of."""

from __future__ import annotations

import base64
import io
import logging
import secrets
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as SignedStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from apicenter import sealed_sessions
from apicenter.blotting import REDACTED, blot, remember
from apicenter.crypto import Undecryptable, _data_key, redact
from apicenter.logs import formatter
from apicenter.notifications import webhooks
from apicenter.organizations.models import Organization
from connectors.auth import Tokens
from connectors.models import Connection, Credential
from connectors.services import check
from connectors.tokens import store_tokens
from flows.archive import stream
from tests.dashboard.people import signed_in, signed_in_just_now
from tests.factories import PASSWORD, inside, make_connection, make_organization, make_user
from tests.guard.addresses import addresses
from tests.guard.crawl import Visitor
from tests.guard.world import World

CLIENT_SECRET = "planted-client-secret-8c1f"
ACCESS, REFRESH = "planted-access-token-77aa", "planted-refresh-token-19bd"
ADDRESS = "planted-part-of-an-address-5e"


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def planted(ours: World) -> list[str]:
    """Put a secret into everything that holds one; return them all."""
    with inside(ours.organization):
        teamleader = Connection.objects.get(connector="teamleader")
        for one in (ours.connection, teamleader):
            one.store_secrets({"client_id": "visible-id", "client_secret": CLIENT_SECRET})
            one.save()
            store_tokens(one, Tokens(ACCESS, REFRESH, 3600), asked_at=datetime.now(UTC))
        _hook, signing = webhooks.create_webhook(
            name="Planted", url=f"https://hooks.example.com/{ADDRESS}", form="generic", events=[], language="en"
        )
    return [CLIENT_SECRET, ACCESS, REFRESH, ADDRESS, signing, ours.token_text, PASSWORD]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the log would say, in both forms."""
    out = io.StringIO()
    handlers = []
    for form in ("json", "console"):
        handlers.append(logging.StreamHandler(out))
        handlers[-1].setFormatter(formatter(form))
        logging.getLogger().addHandler(handlers[-1])
    yield out
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


def leaks(planted: list[str], text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    return [one for one in planted if one.encode() in raw]


def test_no_page_answer_export_or_letter_shows_a_secret(ours: World, planted: list[str]):
    owner, program = Visitor(ours.owner), Visitor(token=ours.token_text)

    for address in addresses(ours):
        seen = (program if address.is_api else owner).visit("GET", address.path)
        assert leaks(planted, seen.text + str(seen.headers)) == [], address
    archive = zipfile.ZipFile(io.BytesIO(b"".join(stream(ours.organization))))
    for name in archive.namelist():
        assert leaks(planted, archive.read(name)) == [], name
    assert leaks(planted, "".join(str(letter.message()) for letter in mail.outbox)) == []


@pytest.mark.skipif(database.vendor != "sqlite", reason="reads the file of the database, which SQLite alone has")
def test_no_secret_stands_in_the_database(planted: list[str]):
    database.ensure_connection()

    file = database.connection.serialize()

    assert b"visible-id" not in file  # sealed together with its secret
    assert b"hooks.example.com" in file  # so the bytes are really those
    assert leaks(planted, file) == []


def test_what_a_session_holds_is_readable_by_nobody_who_has_the_database_and_the_signing_key(db: None):
    client = signed_in(make_user("sofie@example.com"))
    client.post("/you/delete/", {"typed": ADDRESS})  # kept until she showed again who she is
    stored = Session.objects.get().session_data

    assert ADDRESS in str(dict(client.session.items()))
    assert SignedStore().decode(stored) == {}  # Django's own reader, with the key that signs


def test_who_is_signed_in_stays_so_when_keys_are_rotated(db: None, env: Callable[..., None]):
    old, new = f"old:{new_key()}", f"new:{new_key()}"
    env(APICENTER_KEYS=old)
    client, expired = signed_in(make_user("sofie@example.com")), signed_in(make_user("jan@example.com"))
    Session.objects.filter(pk=expired.session.session_key).update(expire_date=timezone.now() - timedelta(days=1))

    env(APICENTER_KEYS=f"{new},{old}")
    call_command("rotate_keys", stdout=(said := io.StringIO()))
    env(APICENTER_KEYS=new)

    assert "1 sessions" in said.getvalue()
    assert client.get("/you/").status_code == 200


def test_what_a_request_writes_while_keys_are_rotated_stays(db: None, env: Callable[..., None]):
    client = signed_in(make_user("sofie@example.com"))
    written: list[str] = []

    def after_a_request(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith('UPDATE "django_session"') and not written:
            written.append("meanwhile")
            session = client.session
            session["typed"] = written[0]
            session.save()
        return execute(sql, *rest)

    with database.execute_wrapper(after_a_request):
        assert sealed_sessions.seal_again() == 0

    assert client.session["typed"] == "meanwhile"


def test_a_session_sealed_with_a_key_that_is_gone_is_an_empty_one(db: None, env: Callable[..., None]):
    client = signed_in(make_user("sofie@example.com"))
    assert client.get("/you/").status_code == 200

    env(APICENTER_KEYS=f"new:{new_key()}")

    assert client.get("/you/")["Location"].startswith("/accounts/login/")
    assert client.post("/you/delete/", {"typed": ADDRESS})["Location"].startswith("/accounts/login/")
    assert sealed_sessions.seal_again() == 0
    client.post("/accounts/login/", {"login": "sofie@example.com", "password": PASSWORD})  # with the cookie of before
    assert client.get("/you/").status_code == 200


def test_the_numbers_for_a_monitoring_system_name_nothing(ours: World, planted: list[str], env: Callable[..., None]):
    env(METRICS_TOKEN="a-token-of-the-operator")

    answer = Client().get("/metrics", headers={"Authorization": "Bearer a-token-of-the-operator"})

    assert answer.status_code == 200
    assert leaks([*planted, ours.owner.email, str(ours.organization.pk)], answer.content) == []


def test_a_fault_that_quotes_a_secret_shows_it_nowhere(
    ours: World, planted: list[str], logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    """The worst case: a library raises with the whole request in its message."""
    with inside(ours.organization):
        ours.connection.read_secrets()
        check(ours.connection)  # opens the tokens, as any call does

    def broken(*_about: object) -> None:
        raise RuntimeError(f"POST failed: client_secret={CLIENT_SECRET}&refresh_token={REFRESH} Bearer {ACCESS}")

    monkeypatch.setattr("dashboard.views.connections.connection_cards", broken)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", False)
    client = signed_in_just_now(ours.owner)
    client.raise_request_exception = False
    answer = client.get("/connections/")
    logging.getLogger("connectors").warning("token refresh failed: %s", f"{CLIENT_SECRET} is wrong")

    assert answer.status_code == 500
    assert leaks(planted, answer.content) == []
    assert "RuntimeError" in logged.getvalue()
    assert "is wrong" in logged.getvalue()
    assert leaks(planted, logged.getvalue()) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcdefgh.ijkl", f"Authorization: Bearer {REDACTED}"),
        ("eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", REDACTED),
        ("token apic_0123456789abcdefghijklmn", f"token {REDACTED}"),
        ("POST /api/hooks/0123456789abcdefXYZ/", f"POST /api/hooks/{REDACTED}/"),
        ('{"client_secret": "s3cret"}', f'{{"client_secret": "{REDACTED}"}}'),
        ("grant_type=x&refresh_token=abc123&y=1", f"grant_type=x&refresh_token={REDACTED}&y=1"),
        ("Bearer of bad news, token of love", "Bearer of bad news, token of love"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, kept: str):
    assert blot(text) == kept
    assert redact({"note": text}) == {"note": kept}


def test_what_is_a_secret_is_taken_out_whatever_it_looks_like():
    remember(["correct horse battery staple 42", "short"])

    assert redact(["it was correct horse battery staple 42"]) == [f"it was {REDACTED}"]
    assert blot("short of time") == "short of time"


def test_a_sealed_value_opens_in_no_other_row_and_no_other_organization(ours: World, theirs: World):
    made = []
    for world in (ours, ours, theirs):
        with inside(world.organization):
            one = make_connection("teamleader")
            one.store_secrets({"client_secret": CLIENT_SECRET})
            one.save()
            made.append(one)
    first, second, foreign = made
    with inside(ours.organization):
        for other in (second, foreign):
            Connection.objects.filter(pk=first.pk).update(secrets=other.secrets)
            with pytest.raises(Undecryptable):
                Connection.objects.get(pk=first.pk).read_secrets()
        assert Connection.objects.get(pk=second.pk).read_secrets() == {"client_secret": CLIENT_SECRET}


def test_keys_are_rotated_while_people_work(db: None, env: Callable[..., None]):
    """Whoever read the company before and saves it afterwards must not bring the old key back."""
    old, new = f"old:{new_key()}", f"new:{new_key()}"
    env(APICENTER_KEYS=old)
    organization = make_organization()
    with inside(organization):
        before = make_connection()
        before.store_secrets({"client_secret": CLIENT_SECRET})
        before.save()
    at_work = Organization.objects.get()  # a request that began before
    vault = at_work.vault

    env(APICENTER_KEYS=f"{new},{old}")
    call_command("rotate_keys", stdout=io.StringIO())
    with inside(organization):
        during = Credential(connection=before, audience="api")
        during.tokens = vault.seal({"access": ACCESS}, place=Credential.TOKENS_PLACE, row_id=during.id)
        during.save(force_insert=True)
    at_work.name = "Renamed meanwhile"
    at_work.save()
    env(APICENTER_KEYS=new)  # the old key is thrown away
    _data_key.cache_clear()  # as in a process that starts now

    after = Organization.objects.get()
    assert after.name == "Renamed meanwhile"
    with inside(after):
        assert Connection.objects.get(pk=before.pk).read_secrets() == {"client_secret": CLIENT_SECRET}
        sealed = Credential.objects.get(pk=during.pk).tokens
        assert after.vault.open(sealed, place=Credential.TOKENS_PLACE, row_id=during.pk) == {"access": ACCESS}
