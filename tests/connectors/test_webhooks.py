"""Messages to addresses that customers gave: never into a private network, never redirected, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from apicenter.notifications.letters import Brief
from apicenter.notifications.webhooks import body_of, headers_of, new_secret
from connectors.public_addresses import Refused, find_place, is_public
from connectors.webhooks import post_webhook
from connectors.wire import NoAnswer, post_pinned

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "fec0::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111"]


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


def code_of(url: str, *addresses: str, allows_http: bool = False) -> str:
    try:
        find_place(url, allows_http=allows_http, lookup=resolving(*addresses))
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_into_a_private_network(address: str):
    assert code_of("https://hooks.example.com/x", address) == "address.private"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_pinned(address: str):
    place = find_place("https://hooks.example.com/x", allows_http=False, lookup=resolving(address))

    assert (place.host, place.port, place.address) == ("hooks.example.com", 443, address)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    assert code_of("https://hooks.example.com/x", "8.8.8.8", "10.0.0.1") == "address.private"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/x", "address.not_https"),
        ("ftp://hooks.example.com/x", "address.wrong"),
        ("file:///etc/passwd", "address.wrong"),
        ("https:///x", "address.wrong"),
        ("hooks.example.com", "address.wrong"),
        ("https://hooks.example.com:99999/", "address.wrong"),
        ("https://[::1", "address.wrong"),
        ("https://hooks.example.com/a b", "address.wrong"),
        ("https://user:secret@hooks.example.com/", "address.with_password"),
        ("https://hooks.example.com/" + "x" * 2000, "address.wrong"),
    ],
)
def test_addresses_of_the_wrong_form_are_refused(url: str, code: str):
    assert code_of(url, "8.8.8.8") == code


def test_http_is_allowed_only_by_a_setting():
    assert code_of("http://hooks.example.com/x", "8.8.8.8", allows_http=True) == ""


def test_a_refusal_is_an_answer_of_its_own():
    answer = post_webhook("https://hooks.example.com/", b"{}", {}, lookup=resolving("127.0.0.1"))

    assert (answer.status, answer.problem, answer.is_taken) == (None, "address.private", False)


def test_every_embedded_form_of_a_private_address_counts_as_private():
    import ipaddress

    assert not any(is_public(ipaddress.ip_address(address)) for address in PRIVATE)


class Receiver(BaseHTTPRequestHandler):
    """Answers as its server says, and remembers what came."""

    def do_POST(self) -> None:
        server: Any = self.server
        server.seen.append((self.headers, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(server.status)
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.send_header("content-length", str(len(server.answer)))
        self.end_headers()
        self.wfile.write(server.answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Receiver)
    server.seen, server.status, server.answer = [], 200, b"thanks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def post(server: Any, body: bytes = b"{}", **headers: str) -> tuple[int, str]:
    url = f"http://hooks.example.com:{server.server_port}/x"
    return post_pinned(url, body, headers, address="127.0.0.1", seconds=5, cap=1000)


def test_the_pinned_address_is_used_and_the_host_keeps_its_name(server: Any):
    assert post(server, b'{"a":1}') == (200, "thanks")

    headers, body = server.seen[0]
    assert headers["host"] == f"hooks.example.com:{server.server_port}"
    assert body == b'{"a":1}'


def test_a_redirect_is_not_followed(server: Any):
    server.status = 302

    assert post(server)[0] == 302
    assert len(server.seen) == 1


def test_a_long_answer_is_cut(server: Any):
    server.answer = b"x" * 50_000

    assert len(post(server)[1]) == 1000


def test_nobody_there_is_said_so():
    with pytest.raises(NoAnswer, match=r"connect\.failed"):
        post_pinned("http://hooks.example.com:1/", b"", {}, address="127.0.0.1", seconds=2, cap=10)


BRIEF = Brief(title="4 orders need you", text="VAT <5.5 %> & more", url="https://a.example/x", button="Open", count=4)


def test_the_signature_can_be_checked_as_the_standard_says():
    secret, body = new_secret(), b'{"id":"1"}'

    headers = headers_of(secret, message_id="msg_1", timestamp=1_700_000_000, body=body)

    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, b"msg_1.1700000000." + body, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1700000000")


def test_the_signature_agrees_with_the_published_example():
    """Test vector of the standard's reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    headers = headers_of(secret, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def made(form: str) -> str:
    from datetime import UTC, datetime
    from types import SimpleNamespace

    organization = SimpleNamespace(pk="org", name="Verhaegen Licht")
    at = datetime(2026, 11, 18, tzinfo=UTC)
    return body_of(form, BRIEF, message_id="1", event="records.held", at=at, organization=organization).decode()


def test_slack_gets_its_own_form_with_signs_escaped():
    assert "VAT &lt;5.5 %&gt; &amp; more" in made("slack")


def test_teams_gets_a_card():
    assert '"type":"AdaptiveCard"' in made("teams")


def test_a_system_gets_plain_values():
    assert '"event":"records.held"' in made("generic")
    assert '"count":4' in made("generic")
