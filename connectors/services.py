"""Making connections, checking them, and opening one for work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError, AuthError, FlowError, PermissionMissing
from apicenter.organizations.models import Organization
from connectors.addresses import base_urls
from connectors.auth import TokenEndpoint, client_of, pick_client
from connectors.base import AccountInfo, AuthKind, CheckResult, Connector, Finding
from connectors.http import ApiClient, Auth, StaticAuth
from connectors.models import Connection, Lane
from connectors.ratelimit import LaneBudget
from connectors.registry import connector_class
from connectors.tokens import ConnectionAuth, authorize_url, store_tokens

CLIENT_FIELDS = ("client_id", "client_secret")


class OtherAccount(AuthError):
    """Somebody signed in to another account than the one this connection stands for."""

    default_code = "account.other"


def connect(
    organization: Organization,
    key: str,
    *,
    name: str,
    environment: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> Connection:
    """Make a connection that is not authorised yet. Raises ValidationError by field, UnknownConnector."""
    connector = connector_class(key)
    clean_settings, clean_secrets = _clean(connector, settings, secrets)
    with transaction.atomic():
        connection = Connection(
            organization=organization,
            connector=key,
            name=name.strip() or connector.title,
            environment=environment,
            settings=clean_settings,
        )
        connection.store_secrets(clean_secrets)
        connection.lane = lane_for(connection)
        connection.save()
    return connection


def reconfigure(connection: Connection, *, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Change what was entered; an empty secret keeps the stored one, and the stored tokens of the old entries go."""
    connector = connector_class(connection.connector)
    kept = connection.read_secrets()
    entered = {name: value for name, value in secrets.items() if value}
    clean_settings, clean_secrets = _clean(connector, {**connection.settings, **settings}, {**kept, **entered})
    with transaction.atomic():
        connection.settings = clean_settings
        connection.store_secrets(clean_secrets)
        if connector.auth.kind == AuthKind.CLIENT_CREDENTIALS:
            connection.credentials.all().delete()
            connection.account_id = connection.account_name = ""
        connection.save()
        _rekey(connection)


def _clean(
    connector: type[Connector], settings: Mapping[str, Any], secrets: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    errors: dict[str, str] = {}
    entered = {name: value.strip() if isinstance(value, str) else value for name, value in settings.items()}
    hidden = {name: value.strip() for name, value in secrets.items() if value.strip()}
    offered = dict(zip(CLIENT_FIELDS, pick_client(connector.key, hidden, entered), strict=True))
    for field in connector.form:
        own = hidden if field.is_secret else entered
        value = str(own.get(field.name) or hidden.get(field.name) or offered.get(field.name) or "")
        if not value and field.is_required:
            errors[field.name] = _("%(field)s is required.") % {"field": field.title}
        elif value and field.pattern and not re.fullmatch(field.pattern, value):
            errors[field.name] = _("%(field)s does not look right. %(hint)s") % {
                "field": field.title,
                "hint": field.hint,
            }
    for name in CLIENT_FIELDS:
        if not offered[name] and name not in errors:
            errors[name] = _("%(field)s is required.") % {"field": name.replace("_", " ").capitalize()}
    if errors:
        raise ValidationError(errors)
    return entered, hidden


def lane_for(connection: Connection) -> Lane:
    """Return the lane of what the vendor counts: one application in one account."""
    connector = connector_class(connection.connector)
    client_id, _secret = client_of(connection)
    tenant = connection.settings.get(connector.auth.tenant_field, "") if connector.auth.tenant_field else ""
    account = tenant or connection.account_id or connection.id
    limit = connector.rate_limit
    lane, _made = Lane.objects.get_or_create(
        key=f"{connection.connector}:{client_id}:{account}",
        defaults={"limit_calls": limit.calls, "limit_seconds": limit.seconds, "is_sliding": limit.is_sliding},
    )
    return lane


def _rekey(connection: Connection) -> None:
    """Move to the lane of the account that is known now; an empty lane nobody uses any more goes."""
    before, after = connection.lane, lane_for(connection)
    if before == after:
        return
    connection.lane = after
    connection.save(update_fields=["lane"])
    if before is not None:
        try:
            before.delete()
        except ProtectedError:
            return  # others queue there


@contextmanager
def open_connector(
    connection: Connection,
    *,
    is_interactive: bool = False,
    threads: int | None = None,
    send_before: Callable[[], float] | None = None,
) -> Iterator[Connector]:
    """Give the connector for one piece of work. An authorisation that fails inside marks the connection."""
    connector = connector_class(connection.connector)
    try:
        auth = ConnectionAuth(connection, connector)
        auth.ensure_fresh()
    except (AuthError, PermissionMissing) as error:
        connection.mark_problem(error.code, error.params)
        raise
    with _client(
        connection, connector, auth, is_interactive=is_interactive, threads=threads, send_before=send_before
    ) as api:
        try:
            yield connector(api, connection.settings)
        except (AuthError, PermissionMissing) as error:
            if error is api.failure:  # with two connections open, the error may be the other one's
                connection.mark_problem(error.code, error.params)
            raise


def _client(
    connection: Connection,
    connector: type[Connector],
    auth: Auth,
    *,
    is_interactive: bool = True,
    threads: int | None = None,
    send_before: Callable[[], float] | None = None,
) -> ApiClient:
    env = django_settings.ENV
    lane = connection.lane or lane_for(connection)
    return ApiClient(
        system=connector.title,
        hosts=base_urls(connection, connector),
        auth=auth,
        budget=LaneBudget(lane.pk, system=connector.title, is_interactive=is_interactive),
        dialect=connector.dialect,
        deadline_seconds=min(connector.deadline_seconds, env.CALL_DEADLINE_SECONDS),
        threads=min(threads or env.CALL_THREADS, connector.rate_limit.concurrency),
        send_before=send_before,
    )


def consent_url(connection: Connection, *, redirect_uri: str, state: str) -> str:
    """Return the vendor's page on which a person allows this connection."""
    return authorize_url(connection, connector_class(connection.connector), redirect_uri=redirect_uri, state=state)


def finish_authorization(connection: Connection, code: str, redirect_uri: str) -> None:
    """Turn the code of a consent into tokens and pin the account. Raises OtherAccount, AuthError, RetryableError."""
    connector = connector_class(connection.connector)
    asked_at = timezone.now()
    tokens = TokenEndpoint.of(connection, connector).exchange_code(code, redirect_uri=redirect_uri)
    with _client(connection, connector, StaticAuth(tokens.access)) as api:
        info = connector(api, connection.settings).account()
    _ensure_same(connection, info)
    with transaction.atomic():
        store_tokens(connection, tokens, audience=next(iter(connector.auth.audiences)), asked_at=asked_at)
        _pin(connection, info)
        connection.mark_ok()


def _ensure_same(connection: Connection, info: AccountInfo) -> None:
    if connection.account_id and connection.account_id != info.id:
        raise OtherAccount(found=info.name or info.id, expected=connection.account_name or connection.account_id)


def _pin(connection: Connection, info: AccountInfo) -> None:
    connection.account_id, connection.account_name = info.id, info.name
    if info.currency:
        connection.settings = {"currency": info.currency, **connection.settings}
    connection.save(update_fields=["account_id", "account_name", "settings"])
    _rekey(connection)


def check(connection: Connection) -> list[CheckResult]:
    """Try the connection live, right by right; the connection then says whether it works."""
    try:
        with open_connector(connection, is_interactive=True) as connector:
            results = connector.check()
            bad = next((row for row in results if row.finding == Finding.BAD), None)
            if bad is None:
                info = connector.account()
                _ensure_same(connection, info)
    except ApicenterError as error:
        if isinstance(error, FlowError):
            connection.mark_problem(error.code, error.params)
        what = connector_class(connection.connector).title
        return [CheckResult(what, Finding.BAD, error.code, error.params, error.detail)]
    if bad is not None:
        connection.mark_problem(bad.code, dict(bad.params))
        return results
    _pin(connection, info)
    connection.mark_ok()
    return results


def connect_sandbox(organization: Organization) -> tuple[Connection, Connection]:
    """Make, or repair, connections to this organization's own sandbox of both systems, and authorise them."""
    from connectors.sandbox import services as sandbox  # an optional app, which itself is no part of the runtime

    teamleader_account = sandbox.open_account(organization, "teamleader")
    visma_net_account = sandbox.open_account(organization, "visma_net")
    tenant_field = connector_class("visma_net").auth.tenant_field
    teamleader = _sandbox_connection(organization, "teamleader", teamleader_account, {})
    visma_net = _sandbox_connection(
        organization, "visma_net", visma_net_account, {tenant_field: str(visma_net_account.remote_id)}
    )
    redirect_uri = f"{django_settings.ENV.SITE_URL}/"
    finish_authorization(teamleader, sandbox.authorize(teamleader_account, redirect_uri), redirect_uri)
    check(visma_net)
    return teamleader, visma_net


def _sandbox_connection(organization: Organization, key: str, account: Any, settings: Mapping[str, Any]) -> Connection:
    secrets = {"client_id": account.client_id, "client_secret": account.client_secret}
    environment = Connection.Environment.SANDBOX
    found = Connection.objects.filter(connector=key, environment=environment).first()
    if found is not None:
        reconfigure(found, settings=settings, secrets=secrets)
        return found
    name = _("%(system)s sandbox") % {"system": connector_class(key).title}
    return connect(organization, key, name=name, environment=environment, settings=settings, secrets=secrets)
