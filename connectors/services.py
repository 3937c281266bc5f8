"""Making connections, checking them, and opening one for work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apicenter.audit import record_change
from apicenter.errors import ApicenterError, AuthError, FlowError, PermissionMissing
from apicenter.organizations.models import Organization
from connectors.addresses import base_urls
from connectors.auth import TokenEndpoint, client_of, pick_client
from connectors.base import AccountInfo, AuthKind, CheckResult, Connector, Finding
from connectors.checks import note_check
from connectors.http import ApiClient, Auth, StaticAuth
from connectors.models import Connection, Lane
from connectors.ratelimit import LaneBudget
from connectors.registry import connector_class
from connectors.sheet_store import DatabaseStore
from connectors.signals import clock_changed
from connectors.tokens import ConnectionAuth, store_tokens

DEFAULT_CLOCK = "UTC"
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
        record_change("connection.made", subject=connection.name, after=_shown(connection))
    return connection


def reconfigure(connection: Connection, *, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Change what was entered; an empty secret keeps the stored one, and the stored tokens of the old entries go."""
    connector = connector_class(connection.connector)
    kept = connection.read_secrets()
    entered = {name: value for name, value in secrets.items() if value}
    clean_settings, clean_secrets = _clean(connector, {**connection.settings, **settings}, {**kept, **entered})
    clock = _clock(connector, connection.settings), _clock(connector, clean_settings)
    before, renewed = _shown(connection), [name for name in clean_secrets if clean_secrets[name] != kept.get(name)]
    with transaction.atomic():
        connection.settings = clean_settings
        connection.store_secrets(clean_secrets)
        if connector.auth.kind == AuthKind.CLIENT_CREDENTIALS:
            connection.credentials.all().delete()
            connection.account_id = connection.account_name = ""
        connection.save()
        _rekey(connection)
        if clock[0] != clock[1]:
            clock_changed.send(sender=Connection, connection=connection, before=clock[0], after=clock[1])
        told = _shown(connection) | ({"replaced": sorted(renewed)} if renewed else {})
        record_change("connection.changed", subject=connection.name, before=before, after=told)


def _clock(connector: type[Connector], settings: Mapping[str, Any]) -> str:
    """Return the zone of its times, "" where they name it themselves."""
    return str(settings.get(connector.clock_setting) or DEFAULT_CLOCK) if connector.clock_setting else ""


def _shown(connection: Connection) -> dict[str, Any]:
    """Return what the audit trail tells of a connection: what was entered, and none of its secrets."""
    hidden = {field.name for field in connector_class(connection.connector).form if field.is_secret}
    entered = {name: value for name, value in connection.settings.items() if name not in {*hidden, *CLIENT_FIELDS}}
    return {"environment": connection.environment, **entered}


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
    for name in CLIENT_FIELDS if connector.auth.has_client else ():
        if not offered[name] and name not in errors:
            errors[name] = _("%(field)s is required.") % {"field": name.replace("_", " ").capitalize()}
    if (clock := _clock(connector, entered)) and clock not in available_timezones():
        errors[connector.clock_setting] = _("%(field)s does not look right. %(hint)s") % {
            "field": connector.clock_setting,
            "hint": "Europe/Brussels",
        }
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
        before.drop_unless_used()


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
        auth = _auth_of(connection, connector)
    except (AuthError, PermissionMissing) as error:
        connection.mark_problem(error.code, error.params)
        raise
    with _client(
        connection, connector, auth, is_interactive=is_interactive, threads=threads, send_before=send_before
    ) as api:
        try:
            yield _with_store(connector(api, connection.settings), connection)
        except (AuthError, PermissionMissing) as error:
            if error is api.failure:  # with two connections open, the error may be the other one's
                connection.mark_problem(error.code, error.params)
            raise


def offline_connector(connection: Connection) -> Connector:
    """Give the connector for what needs no call: its standard fields, and parsing what is stored."""
    connector = connector_class(connection.connector)(_NoCalls(), connection.settings)  # type: ignore[arg-type]
    return _with_store(connector, connection)


def _auth_of(connection: Connection, connector: type[Connector]) -> Auth:
    """Return what lets us in, with a fresh token. Raises AuthError, PermissionMissing, RetryableError."""
    if connector.auth.kind is AuthKind.NONE:
        return StaticAuth()
    auth = ConnectionAuth(connection, connector)
    auth.ensure_fresh()
    return auth


def _with_store(connector: Connector, connection: Connection) -> Connector:
    if connector.files is not None:
        connector.store = DatabaseStore(connection)
    return connector


class _NoCalls:
    """Stands where the client would be, so that nothing can be asked of the other system by accident."""


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
        threads=min(threads or env.CALL_THREADS, _parallel_calls(connector)),
        send_before=send_before,
    )


def _parallel_calls(connector: type[Connector]) -> int:
    """Return how many calls a connector's vendor wants side by side at most."""
    name = connector.parallel_setting
    return int(getattr(django_settings.ENV, name)) if name else connector.rate_limit.concurrency


def consent_url(connection: Connection, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Return the vendor's page on which a person allows this connection."""
    endpoint = TokenEndpoint.of(connection, connector_class(connection.connector))
    return endpoint.authorize_url(redirect_uri=redirect_uri, state=state, verifier=verifier)


def finish_authorization(connection: Connection, code: str, redirect_uri: str, *, verifier: str = "") -> None:
    """Turn the code of a consent into tokens and pin the account. Raises OtherAccount, AuthError, RetryableError.

    The verifier is the one that its `consent_url` was made with.
    """
    connector = connector_class(connection.connector)
    asked_at = timezone.now()
    tokens = TokenEndpoint.of(connection, connector).exchange_code(code, redirect_uri=redirect_uri, verifier=verifier)
    with _client(connection, connector, StaticAuth(tokens.access)) as api:
        info = connector(api, connection.settings).account()
    _ensure_same(connection, info)
    action = "connection.authorized_again" if connection.account_id else "connection.authorized"
    with transaction.atomic():
        store_tokens(connection, tokens, audience=next(iter(connector.auth.audiences)), asked_at=asked_at)
        _pin(connection, info)
        connection.mark_ok()
        record_change(action, subject=connection.name, after={"account": info.name or info.id})


def _ensure_same(connection: Connection, info: AccountInfo) -> None:
    if connection.account_id and connection.account_id != info.id:
        raise OtherAccount(found=info.name or info.id, expected=connection.account_name or connection.account_id)


def _pin(connection: Connection, info: AccountInfo) -> None:
    connection.account_id, connection.account_name = info.id, info.name
    known = {"currency": info.currency, "country": info.country}
    connection.settings = {name: value for name, value in known.items() if value} | connection.settings
    connection.save(update_fields=["account_id", "account_name", "settings"])
    _rekey(connection)


def check(connection: Connection) -> list[CheckResult]:
    """Try the connection live, right by right; the connection then says whether it works, and what was tried when."""
    results = _try(connection)
    note_check(connection, results)
    return results


def _try(connection: Connection) -> list[CheckResult]:
    try:
        with open_connector(connection, is_interactive=True) as connector:
            results = connector.check()
            bad = next((row for row in results if row.finding == Finding.BAD), None)
            if bad is not None:
                connection.mark_problem(bad.code, dict(bad.params))
                return results
            info = connector.account()
            _ensure_same(connection, info)
    except ApicenterError as error:
        if isinstance(error, FlowError):
            connection.mark_problem(error.code, error.params)
        what = connector_class(connection.connector).title
        return [CheckResult(what, Finding.BAD, error.code, error.params, error.detail)]
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
