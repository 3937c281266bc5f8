"""Plain factory functions: rows made directly, no HTTP. From connections on, call them `inside(organization)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apicenter.organizations.models import Membership, Organization, User
from apicenter.tenancy import organization_context
from connectors.models import Connection, Lane
from flows.models import Binding, Flow, Job, MapVersion, Run, RunRecord, Tally, ValueRow, ValueTable

PASSWORD = "correct horse battery"
DEFAULT_MAPS: dict[str, Any] = {
    "products": {
        "fields": [
            {"target": "code", "source": "sku", "required": True},
            {"target": "name", "source": "name", "steps": [{"fn": "truncate", "args": {"length": 255}}]},
            {"target": "tax_rate_id", "source": "vat_code", "table": "vat"},
            {"target": "currency", "constant": "EUR", "when": "on_create"},
        ],
        "lists": {},
    }
}


@cache
def _hashed_password() -> str:
    return make_password(PASSWORD)  # slow on purpose, so once per process


def make_user(email: str = "sofie@example.com", **values: Any) -> User:
    user = User.objects.create(**{"email": email, "name": "Sofie Claes", "password": _hashed_password(), **values})
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_organization(name: str = "Verhaegen Licht", *, owner: User | None = None, **values: Any) -> Organization:
    organization = Organization.objects.create(name=name, **values)
    if owner is not None:
        add_member(organization, owner, role=Membership.Role.OWNER)
    return organization


def add_member(organization: Organization, user: User, *, role: str = Membership.Role.EDITOR) -> Membership:
    with organization_context(organization.pk):
        return Membership.objects.create(user=user, organization=organization, role=role)


@contextmanager
def inside(organization: Organization) -> Iterator[Organization]:
    with organization_context(organization.pk):
        yield organization


def make_connection(connector: str = "visma_net", **values: Any) -> Connection:
    titles = {"visma_net": "Visma.net", "teamleader": "Teamleader"}
    if "lane" not in values:
        number = Lane.objects.count()
        values["lane"] = Lane.objects.create(key=f"{connector}:test:{number}", limit_calls=200)
    return Connection.objects.create(
        **{
            "connector": connector,
            "name": titles.get(connector, connector),
            "state": Connection.State.OK,
            "account_name": "Verhaegen Licht NV",
            "account_id": "1234567",
            **values,
        }
    )


def make_flow(
    kind: str = "products",
    *,
    source: Connection | None = None,
    target: Connection | None = None,
    maps: dict[str, Any] | None = None,
    **values: Any,
) -> Flow:
    ends = ("visma_net", "teamleader") if kind == "products" else ("teamleader", "visma_net")
    flow = Flow.objects.create(
        **{
            "kind": kind,
            "name": kind.capitalize(),
            "source": source or make_connection(ends[0]),
            "target": target or make_connection(ends[1]),
            "state": Flow.State.ACTIVE,
            **values,
        }
    )
    flow.map_version = MapVersion.objects.create(flow=flow, number=1, maps=DEFAULT_MAPS if maps is None else maps)
    flow.save(update_fields=["map_version"])
    return flow


def make_run(flow: Flow, *, minutes_ago: float = 5, tally: dict[str, int] | None = None, **values: Any) -> Run:
    """A finished run, unless a state says otherwise. `tally` gives the buckets; what was read is their sum."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    defaults = {
        "trigger": Run.Trigger.SCHEDULE,
        "state": Run.State.DONE,
        "phase": Run.Phase.END,
        "created_at": at,
        "started_at": at,
        "finished_at": at + timedelta(seconds=21) if values.get("state", Run.State.DONE) == Run.State.DONE else None,
        "map_version": flow.map_version,
        "calls_source": 3,
        "calls_target": 9,
    }
    run = Run.objects.create(flow=flow, **{**defaults, **values})
    if tally is not None:
        Tally.objects.create(run=run, kind=flow.kind, read=sum(tally.values()), **tally)
    if run.state in {Run.State.RUNNING, Run.State.WAITING}:
        Job.objects.create(lane=flow.target.lane, run=run)
    return run


def make_record(
    run: Run, key: str = "VV-1042-BRS", *, source: Any = None, exchange: Any = None, **values: Any
) -> RunRecord:
    state = values.get("state", RunRecord.State.CREATED)
    defaults = {
        "kind": run.flow.kind,
        "source_key": f"key-{key}",
        "natural_key": key,
        "label": "Hanglamp Arca 40, messing",
        "state": state,
        "created_at": run.created_at + timedelta(seconds=1),
        "finished_at": None if state in RunRecord.OPEN else run.created_at + timedelta(seconds=2),
        "expires_at": timezone.now() + timedelta(days=7),
        "map_version": run.map_version,
    }
    row = RunRecord(run=run, **{"flow": run.flow, **defaults, **values})
    vault = run.organization.vault
    if source is not None:
        row.source = vault.seal(source, place=RunRecord.SOURCE_PLACE, row_id=row.pk)
    if exchange is not None:
        row.exchange = vault.seal(exchange, place=RunRecord.EXCHANGE_PLACE, row_id=row.pk)
    row.save(force_insert=True)
    return row


def make_held_record(run: Run, key: str, *, code: str, params: dict[str, Any], **values: Any) -> RunRecord:
    """A record that needs a person, counted where the run counts it."""
    record = make_record(run, key, state=RunRecord.State.NEEDS_YOU, code=code, params=params, **values)
    tally, _made = Tally.objects.get_or_create(run=run, kind=record.kind)
    tally.read, tally.needs_you = tally.read + 1, tally.needs_you + 1
    tally.save(update_fields=["read", "needs_you"])
    return record


def make_table(flow: Flow, name: str = "vat", rows: dict[str, str] | None = None, **values: Any) -> ValueTable:
    table = ValueTable.objects.create(flow=flow, name=name, **values)
    for key, value in (rows or {}).items():
        ValueRow.objects.create(table=table, key=key, value=value, is_confirmed=True)
    return table


def make_binding(flow: Flow, source_key: str, target_id: str, **values: Any) -> Binding:
    return Binding.objects.create(
        from_connection=flow.source,
        to_connection=flow.target,
        source_key=source_key,
        target_id=target_id,
        **{"kind": flow.kind, **values},
    )
