"""A believable company with everything the pages show: the same for the tests of the views and of the browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apicenter.organizations.models import Organization, User
from connectors.models import Connection
from connectors.services import offline_connector
from flows.maps.field_lists import keep_fields
from flows.maps.samples import keep_current
from flows.models import Flow, Run, RunRecord, ValueTable
from tests.factories import (
    inside,
    make_binding,
    make_connection,
    make_flow,
    make_held_record,
    make_organization,
    make_record,
    make_run,
    make_table,
    make_user,
)


@dataclass
class Company:
    """Handles to what the tests look at."""

    owner: User
    organization: Organization
    products: Flow
    orders: Flow
    vat: ValueTable
    sent: RunRecord
    held: RunRecord
    run: Run

    @property
    def visma_net(self) -> Connection:
        return self.products.source


PRODUCT = {
    "inventoryNumber": "VV-1042-BRS",
    "description": "hanglamp Arca 40, messing",
    "defaultPrice": 194.5,
    "vatCode": {"id": "BE21"},
    "active": True,
    "body": None,
    "lastModifiedDateTime": "2026-11-19T14:08:33.12",
    "api_key": "very-secret",
    "organization": {"baseCurrency": "EUR"},
}
ORDER_LABEL = "Bruno Delattre, bruno.delattre@example.fr"


def make_company(email: str = "sofie@example.com", *, name: str = "Verhaegen Licht", mark: str = "") -> Company:
    """Make the company; `mark` goes into every text a page may show, to find what leaks."""
    owner = make_user(email)
    organization = make_organization(name, owner=owner)
    with inside(organization):
        visma_net = make_connection("visma_net", name=f"Visma.net{mark}", account_name=f"Verhaegen NV{mark}")
        teamleader = make_connection("teamleader", name=f"Teamleader{mark}")
        products = make_flow("products", source=visma_net, target=teamleader, name=f"Products{mark}", every_minutes=15)
        orders = make_flow("orders", source=teamleader, target=visma_net, name=f"Orders{mark}", maps={})
        vat = make_table(orders, "vat", {"BE 21 %": f"BE21{mark}", "FR 20 %": "FR20", "BE 6 %": "BE6"})
        make_table(orders, "unit", {"piece": "STK"}, no_pair="as_is")
        run, sent = _product_runs(products, mark)
        held = _order_runs(orders, mark)
        know_fields(products)
    return Company(owner, organization, products, orders, vat, sent, held, run)


def know_fields(flow: Flow) -> None:
    """Let the fields of both sides be known, so that no page asks a system that is not there."""
    for connection, side, name in ((flow.source, "source", flow.kind), (flow.target, "target", flow.kind)):
        connector = offline_connector(connection)
        one = connector.source(name) if side == "source" else connector.target(name)
        keep_fields(connection, f"{side}:{name}", one.standard_fields)
    keep_current(flow, flow.kind, "77", {"code": "VV-1042-BRS", "name": "Hanglamp Arca"})


def _product_runs(flow: Flow, mark: str) -> tuple[Run, RunRecord]:
    for number in range(30):
        tally = {"created": 2, "updated": 10, "unchanged": 60}
        if number == 12:
            tally["waiting"] = 3
        make_run(flow, minutes_ago=60 + number * 15, tally=tally)
    run = make_run(flow, minutes_ago=12, tally={"created": 1, "updated": 1, "unchanged": 2, "skipped": 1})
    sent = make_record(
        run,
        f"VV-1042-BRS{mark}",
        state=RunRecord.State.UPDATED,
        target_number=f"T-77{mark}",
        source=PRODUCT,
        exchange={
            "sent": {"name": f"Hanglamp Arca 40{mark}", "price": {"amount": 194.5}},
            "answer": {"status": 204},
            "url": "https://focus.teamleader.example/products/77",
        },
        modified_at=timezone.now() - timedelta(minutes=20),
        attempts=1,
    )
    make_record(run, f"VV-0098{mark}", label="LED-lamp E27 7 W, 2700 K", target_number="T-78", attempts=1)
    make_record(run, f"VV-2210-OAK{mark}", label="Vloerlamp Lund, eik", state=RunRecord.State.UNCHANGED)
    make_record(
        run,
        f"VV-0001{mark}",
        state=RunRecord.State.SKIPPED,
        code="skip.not_sellable",
        params={"what": "Inactive"},
    )
    make_binding(flow, "key-VV-1042-BRS", "77")
    return run, sent


def _order_runs(flow: Flow, mark: str) -> RunRecord:
    for number in range(20):
        make_run(flow, minutes_ago=70 + number * 15, tally={"created": 3, "unchanged": 1})
    run = make_run(flow, minutes_ago=8, tally={"created": 2, "waiting": 1})
    make_record(run, f"2026/1192{mark}", label=f"Van der Meulen Interieur B.V.{mark}", target_number="SO004518")
    make_record(
        run,
        f"2026/1194{mark}",
        label="Jeroen Bakker",
        state=RunRecord.State.WAITING,
        code="remote.rate_limited",
        params={"system": "Visma.net"},
        next_at=timezone.now() + timedelta(minutes=3),
        attempts=1,
    )
    missing = {"table": "vat", "key": "c6b8", "value": f"FR 5.5 %{mark}"}
    held = make_held_record(
        run, f"2026/1193{mark}", code="vat.no_pair", params=missing, label=ORDER_LABEL, source={"number": "2026/1193"}
    )
    for number, label in (("1188", "Association Lire à Lille"), ("1181", "École Sainte-Odile"), ("1176", "Élodie M.")):
        make_held_record(run, f"2026/{number}{mark}", code="vat.no_pair", params=missing, label=label)
    for number in ("1186", "1184"):
        make_held_record(
            run,
            f"2026/{number}{mark}",
            code="product.missing",
            params={"sku": f"VV-4410-SMK{mark}", "system": "Visma.net"},
            label="Atelier Marchand SARL",
        )
    make_held_record(
        run,
        f"2026/1179{mark}",
        code="refused.by_target",
        params={"system": "Visma.net", "answer": f"Tax Category cannot be found in the system.{mark}"},
        label="Studio Nordvik AS",
        attempts=1,
        exchange={"sent": {"orderType": {"value": "SO"}}, "answer": "HTTP 400 Tax Category cannot be found."},
    )
    return held
