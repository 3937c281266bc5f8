"""The pages of a flow, as a person opens them and presses their buttons."""

from __future__ import annotations

from typing import Any

from django.test import Client

from apicenter.organizations.models import Membership, Organization
from apicenter.tenancy import organization_context
from flows.models import Flow, RunRecord
from flows.running.queue import Queue
from tests.factories import add_member, make_user
from tests.flows.shelf import work_until_idle

State = RunRecord.State


def client_of(organization: Organization, role: str = Membership.Role.OWNER) -> Client:
    client = Client()
    with organization_context(organization.pk):
        found = Membership.objects.filter(role=role).select_related("user").first()
    client.force_login(found.user if found else _new_member(organization, role))
    return client


def _new_member(organization: Organization, role: str) -> object:
    user = make_user(f"{role}@example.com")
    add_member(organization, user, role=role)
    return user


def text_of(client: Client, path: str, **headers: str) -> str:
    return client.get(path, follow=True, headers=headers).content.decode()


def address(flow: Flow, rest: str = "") -> str:
    return f"/flows/{flow.pk}/{rest}"


def said(client: Client, path: str, data: Any = None) -> str:
    """Return the message that an action leaves."""
    return " ".join(str(message) for message in client.post(path, data or {}, follow=True).context["messages"])


def work() -> None:
    for queue in Queue:
        work_until_idle(queue)
