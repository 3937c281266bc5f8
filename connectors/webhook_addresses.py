"""The addresses at which systems tell that something changed: making them, asking for deliveries, taking them in."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from apicenter.errors import ApicenterError
from apicenter.tenancy import organization_context, platform_context
from connectors.events import Delivery, Hint, NotForUs
from connectors.models import Connection, WebhookAddress
from connectors.public_addresses import is_public
from connectors.registry import connector_class
from connectors.services import open_connector

PATH = "/api/deliveries/"
SECRET_BYTES = 32
LONGEST_EVENT = 60


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that is meant for a connection."""

    connection: Connection
    hints: tuple[Hint, ...]


def announces(connection: Connection) -> bool:
    """Whether the system of a connection tells of changes by itself."""
    return connector_class(connection.connector).webhooks is not None


def can_register(connection: Connection) -> bool:
    """Whether deliveries can be asked for through its API."""
    webhooks = connector_class(connection.connector).webhooks
    return webhooks is not None and webhooks.can_register


def why_unreachable(connection: Connection) -> str:
    """Return the cause for which this system cannot reach us, "" when it can.

    The sandbox is served by this platform itself, so it reaches it wherever it is.
    """
    if connection.environment == Connection.Environment.SANDBOX:
        return "" if settings.ENV.SANDBOX_ENABLED else "instant.not_public"
    parts = urlsplit(settings.ENV.SITE_URL)
    return "" if parts.scheme == "https" and _is_public_host(parts.hostname or "") else "instant.not_public"


def _is_public_host(host: str) -> bool:
    with suppress(ValueError):
        return is_public(ipaddress.ip_address(host))
    return "." in host and not host.endswith((".local", ".internal", ".lan", ".localhost"))


def find_address(connection: Connection) -> WebhookAddress | None:
    """Return the connection's address, if it has one."""
    return WebhookAddress.objects.filter(connection=connection).select_related("connection", "organization").first()


def address_of(connection: Connection) -> WebhookAddress:
    """Return the connection's address, made when there is none yet."""
    found = find_address(connection)
    if found is not None:
        return found
    secret = secrets.token_urlsafe(SECRET_BYTES)
    address = WebhookAddress(organization_id=connection.organization_id, connection=connection, digest=_digest(secret))
    vault = connection.organization.vault
    address.token = vault.seal(secret, place=WebhookAddress.TOKEN_PLACE, row_id=address.id)
    found, _is_new = WebhookAddress.objects.get_or_create(
        connection=connection, defaults={"id": address.id, "digest": address.digest, "token": address.token}
    )
    return found


def url_of(address: WebhookAddress) -> str:
    """Return the address as the system is told it."""
    return f"{base_url(address.connection)}{PATH}{address.read_token()}/"


def base_url(connection: Connection) -> str:
    """Return where the system of a connection reaches this platform."""
    if connection.environment == Connection.Environment.SANDBOX and settings.ENV.SANDBOX_URL:
        return settings.ENV.SANDBOX_URL.rstrip("/").removesuffix("/sandbox")
    return settings.ENV.SITE_URL


def receive(secret: str, body: bytes, headers: Mapping[str, str]) -> Received | None:
    """Take in what was posted to the address with this secret; None when there is no such address.

    What is not meant for its connection is set aside and counted.
    """
    digest = _digest(secret)
    with platform_context():
        address = WebhookAddress.unscoped.select_related("connection__organization").filter(digest=digest).first()
    if address is None or not hmac.compare_digest(address.digest, digest):
        return None
    connection = address.connection
    webhooks = connector_class(connection.connector).webhooks
    if webhooks is None:
        return None
    with organization_context(connection.organization_id):
        shared = connection.read_secrets().get(webhooks.secret_field, "") if webhooks.secret_field else ""
        mine = WebhookAddress.objects.filter(pk=address.pk)
        now = timezone.now()
        try:
            hints = webhooks.read(Delivery(body, headers, connection.account_id, shared))
        except NotForUs as refused:
            mine.update(refused_count=F("refused_count") + 1, refused_code=refused.code, refused_at=now)
            return Received(connection, ())
        if hints:
            event = hints[0].event[:LONGEST_EVENT]
            mine.update(delivery_count=F("delivery_count") + 1, last_event=event, last_at=now)
    return Received(connection, tuple(hints))


def ask_for(connection: Connection, kinds: Iterable[str]) -> None:
    """Have the system announce exactly the changes of these sources. Raises Rejected, RetryableError, FlowError."""
    address = address_of(connection)
    wanted = sorted(kinds)
    with open_connector(connection) as connector:
        assert connector.webhooks is not None
        webhooks = connector.webhooks(connector)
        if wanted:
            webhooks.register(url_of(address), wanted)
        else:
            webhooks.unregister(url_of(address))
    WebhookAddress.objects.filter(pk=address.pk).update(
        kinds=wanted, problem_code="", problem_params={}, checked_at=timezone.now(), try_at=None
    )


def end_deliveries(connection: Connection) -> None:
    """Ask for no more deliveries, as long as we still may ask; one that comes nevertheless finds no address."""
    address = find_address(connection)
    if address is None:
        return
    if address.kinds and can_register(connection):
        with suppress(ApicenterError):  # access is about to be erased, or was taken from us already
            ask_for(connection, ())
    address.delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
