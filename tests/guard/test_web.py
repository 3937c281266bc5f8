"""What every answer to a browser carries, and what no request can do: at every address there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from http.cookies import Morsel
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from connectors.public_addresses import Refused, find_place, resolve
from connectors.webhooks import post_webhook
from tests.factories import make_user
from tests.guard.addresses import pages
from tests.guard.crawl import Seen, Visitor, nobody_answers
from tests.guard.world import World, make_world

ROOT = Path(__file__).resolve().parents[2]
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
}  # fmt: skip
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=\"|javascript:", re.I)
ALLOWED_SCRIPT = re.compile(r'<script[^>]*type="application/json"')  # data, which no browser runs
OF_MACHINES = {"healthz", "readyz", "metrics", "robots.txt", "sitemap.xml", "api/schema.json"}
ELSEWHERE = "https://evil.example/"


@pytest.fixture(scope="module")
def seen_by_owner(django_db_setup: None, django_db_blocker: Any) -> dict[str, Seen]:
    """What the owner of a company sees at every address: visited once, and nothing of it left.

    Who asks for it is marked as using the database, or there is none when they run alone.
    """
    with django_db_blocker.unblock(), transaction.atomic(), nobody_answers():
        world = make_world("ours@example.com")
        owner = Visitor(world.owner)
        seen = {one.route: owner.visit("GET", one.path) for one in pages(world)}
        transaction.set_rollback(True)
    return seen


@pytest.mark.django_db
def test_every_page_has_the_strict_policy_and_is_kept_nowhere(seen_by_owner: dict[str, Seen]):
    assert len(seen_by_owner) > 150

    for route, seen in seen_by_owner.items():
        about = seen.headers
        assert seen.status < 500 or "webauthn" in route, route
        assert set(about["Content-Security-Policy"].split("; ")) == POLICY, route
        assert (about["X-Content-Type-Options"], about["X-Frame-Options"]) == ("nosniff", "DENY"), route
        assert (about["Referrer-Policy"], about["Cross-Origin-Opener-Policy"]) == ("same-origin", "same-origin"), route
        if route not in OF_MACHINES:
            assert "no-store" in about.get("Cache-Control", ""), route
        if seen.text and "attachment" not in about.get("Content-Disposition", ""):
            assert "charset=utf-8" in about["Content-Type"] or "json" in about["Content-Type"], route
            found = INLINE.search(ALLOWED_SCRIPT.sub("", seen.text)) if "text/html" in about["Content-Type"] else None
            assert found is None, (route, seen.text[found.start() : found.start() + 80] if found else "")


# What the platform notes by itself when somebody looks: it asked a system for a list, saw a cause for the first time,
# told that it is alive; and a message that was opened is read.
NOTES = {"connectors_connection", "connectors_credential", "flows_causetask", "flows_alarm"}
READ = {"notifications/<uuid:pk>/": {"UPDATE notifications_delivery"}}


@pytest.mark.django_db
def test_looking_changes_nothing(seen_by_owner: dict[str, Seen]):
    for route, seen in seen_by_owner.items():
        changed = {one for one in seen.written if one.split()[1] not in NOTES}
        assert changed == READ.get(route, set()), route


def test_every_cookie_is_closed_to_scripts_and_other_sites(ours: World, seen_by_owner: dict[str, Seen]):
    cookies: list[Morsel[str]] = [one for seen in seen_by_owner.values() for one in seen.cookies.values()]
    theme = Visitor(ours.owner).visit("POST", "/theme/", "theme=dark").cookies
    language = Visitor(ours.owner).visit("POST", "/language/", "language=nl").cookies

    for cookie in (*cookies, *theme.values(), *language.values()):
        assert cookie["samesite"] == "Lax", cookie.key
        assert cookie["httponly"], cookie.key


ONE_CLICK = "notifications/link/<str:token>/"  # for mail programs: what it does is signed in the address


def test_without_the_token_of_the_page_nothing_is_sent(ours: World):
    forged = Visitor(ours.owner, checks_csrf=True)

    for address in pages(ours):
        if address.route != ONE_CLICK:
            assert forged.visit("POST", address.path).status in {403, 405}, address


def test_no_parameter_leads_to_another_site(ours: World):
    owner, visitor = Visitor(ours.owner), Visitor()
    names = "&".join(f"{name}={where}" for where in ("/\\evil.example", "//evil.example/", ELSEWHERE)
                     for name in ("next", "to", "url", "back", "return"))  # fmt: skip

    for address in pages(ours):
        for who, method, data in ((owner, "POST", names), (visitor, "GET", None), (visitor, "POST", names)):
            seen = who.visit(method, f"{address.path}?{names}", data)
            assert not re.match(r"(https?:)?[/\\]{2}(?!127\.0\.0\.1|localhost|testserver)", seen.location), address
            assert f'href="{ELSEWHERE}' not in seen.text, address


def test_a_wrong_host_is_refused_and_a_forwarded_one_counts_for_nothing(db: None):
    make_user("sofie@example.com")
    client = Client(raise_request_exception=False)

    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    client.post("/accounts/password/reset/", {"email": "sofie@example.com"}, headers=forged)
    assert len(mail.outbox) == 1
    assert "evil.example" not in str(mail.outbox[0].message())


BEHIND_TLS = """
import json, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check", "--deploy", "--fail-level", "WARNING")
answer = Client().get("/healthz", headers={"X-Forwarded-Proto": "https", "Host": "apicenter.example"})
page = Client().post("/theme/", {"theme": "dark"}, headers={"Host": "apicenter.example"}, secure=True)
from django.conf import settings as s
print(json.dumps([dict(answer.headers), page.cookies.output(), s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,
    s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.DEBUG]))
"""


def test_behind_tls_cookies_are_bound_to_the_host_and_the_browser_is_told_to_stay(tmp_path: Path):
    """A process of its own: these settings are made when it starts."""
    own = {"SITE_URL": "https://apicenter.example", "ALLOWED_HOSTS": "apicenter.example", "TRUSTED_PROXIES": "1",
           "DATABASE_URL": f"sqlite://{tmp_path}/x.sqlite3",
           "DJANGO_SETTINGS_MODULE": "apicenter.settings"}  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", BEHIND_TLS],
        env={**os.environ, **own},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    headers, theme, *settings = json.loads(done.stdout.splitlines()[-1])
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Secure" in theme
    assert settings == ["__Host-session", "__Host-csrf", True, True, None, "/", False]


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[::1]", "0",
     "169.254.169.254", "localhost"],
)  # fmt: skip
def test_no_spelling_of_an_own_address_is_called(host: str):
    """With the resolver of the machine itself, which knows all of these without asking anybody."""
    with pytest.raises(Refused):
        find_place(f"https://{host}/", allows_http=False, lookup=resolve)


def test_a_name_that_changes_its_address_between_check_and_call_gains_nothing(monkeypatch: pytest.MonkeyPatch):
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    called: list[str] = []

    def post(*_about: object, address: str, **_more: object) -> tuple[int, str]:
        called.append(address)
        return 200, "ok"

    monkeypatch.setattr("connectors.webhooks.post_pinned", post)
    post_webhook("https://rebinding.example/", b"{}", {}, lookup=lambda _host, _port: answers.pop(0))

    assert called == ["8.8.8.8"]
    assert len(answers) == 1  # asked once
