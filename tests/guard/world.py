"""A company that has one of everything an address can name, for those who try to reach it from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.utils import timezone

from apicenter.api.models import ApiToken
from apicenter.api.scopes import SCOPES
from apicenter.api.tokens import issue_token
from apicenter.billing.models import Order
from apicenter.notifications import events, webhooks
from apicenter.notifications.models import Delivery, Notification, Webhook
from apicenter.organizations.models import Invitation, Membership, Organization, User
from connectors.files import Choices, Side
from connectors.models import Connection, Sheet
from connectors.sheet_store import DatabaseStore
from connectors.sheets import take, upload
from dashboard.setup.file_set_up import PARTNER
from dashboard.setup.models import Inquiry
from flows.models import Flow, FlowHook, Run, RunRecord, ValueTable
from flows.triggers.hooks import make_hook
from flows.watching.facts import facts
from tests.dashboard.company import make_company
from tests.factories import add_member, inside, make_connection, make_flow, make_user

MARK = "ZZSECRETZZ"  # stands in every text of the company that must not be seen


@dataclass
class World:
    """Handles to one of each. `cause` is the key of a card of "Needs you"."""

    organization: Organization
    owner: User
    flow: Flow
    orders: Flow
    table: ValueTable
    run: Run
    record: RunRecord
    connection: Any
    cause: str
    token: ApiToken
    token_text: str
    hook: FlowHook
    webhook: Webhook
    message: Delivery
    given_up: Delivery
    order: Order
    inquiry: Inquiry
    invitation: Invitation
    membership: Membership
    key: Authenticator
    files: Connection
    sheet: Sheet  # uploaded, and read by a flow
    written: Sheet  # written by another

    def id_of(self, what: str) -> str:
        thing = getattr(self, what)
        return thing if isinstance(thing, str) else str(thing.pk)

    def member(self, role: str) -> User:
        """Return somebody new with this role."""
        user = make_user(f"{role}-{uuid4().hex[:8]}@example.com")
        add_member(self.organization, user, role=role)
        return user


def make_world(email: str, *, mark: str = "") -> World:
    company = make_company(email, name=f"Company of {email} {mark}", mark=mark)
    spare = make_user(f"spare-{email}", name=f"Spare {mark}")
    membership = add_member(company.organization, spare)
    key = Authenticator.objects.create(user=spare, type="webauthn", data={"name": mark, "credential": {}})
    soon = timezone.now() + timedelta(days=5)
    with inside(company.organization):
        token, text = issue_token(name=f"Warehouse {mark}", scopes=list(SCOPES), expires_at=None)
        hook, _secret = make_hook(company.products)
        webhook, _secret = webhooks.create_webhook(
            name=f"Books {mark}", url=f"https://hooks.example.com/{mark}", form="slack", events=[], language="en"
        )
        told = Notification.objects.create(event=events.TRIAL, key=f"trial:{mark}", params={"number": 3, "name": mark})
        message = Delivery.objects.create(
            notification=told, channel="app", target="app", user=company.owner, state="sent"
        )
        given_up = Delivery.objects.create(
            notification=told, channel="webhook", target="webhook", webhook=webhook, state="failed"
        )
        order = Order.objects.create(
            key=uuid4(), kind="plan", currency="EUR", vat_rule="domestic", starts_at=soon, who=mark
        )
        about = {"email": f"{mark}@zz.example".lower(), "token_hash": f"hash-{email}", "expires_at": soon}
        inquiry = Inquiry.objects.create(table=company.vat, name=mark or "Marie", language="nl", **about)
        invitation = Invitation.objects.create(role="viewer", invited_by=company.owner, **about)
        files = make_connection(
            "spreadsheet", name=f"Files {mark}", settings={PARTNER: str(company.products.target.pk)}
        )
        sheet = upload(files, "products", f"{mark}.csv", f"sku;name\nA;{mark or 'Lamp'}\n".encode())
        take(sheet, {"sku": "sku", "name": "name"}, Choices.model_validate(sheet.choices))
        make_flow("products", source=files, target=company.products.target, name=f"From files {mark}")
        make_flow("products", source=company.visma_net, target=files, name=f"Into files {mark}")
        DatabaseStore(files).put("products", "A", {"sku": "A", "name": mark or "Lamp"}, reference="A")
        written = Sheet.objects.get(side=Side.WRITTEN, organization=company.organization)
        cause = next(one.key for one in facts() if one.code == "vat.no_pair").removeprefix("cause:")
    return World(
        organization=company.organization, owner=company.owner, flow=company.products, orders=company.orders,
        table=company.vat, run=company.run, record=company.held, connection=company.visma_net, cause=cause,
        token=token, token_text=text, hook=hook, webhook=webhook, message=message, given_up=given_up, order=order,
        inquiry=inquiry, invitation=invitation, membership=membership, key=key,
        files=files, sheet=sheet, written=written,
    )  # fmt: skip
