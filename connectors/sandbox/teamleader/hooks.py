"""What a person does in Teamleader's own pages, as functions: for tests and for the demonstration."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.sandbox.announcing import announce
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader.dialect import stamp
from connectors.sandbox.teamleader.writing import save


def win(account: Account, deal_id: str | uuid.UUID, *, now: datetime | None = None) -> None:
    """Mark a deal as won."""
    at = now or timezone.now()
    with transaction.atomic():
        deal = _thing(account, "deal", deal_id)
        deal.body |= {"status": "won", "closed_at": stamp(at), "estimated_probability": 1, "lost_reason": None}
        deal.body["weighted_value"] = deal.body["estimated_value"]
        deal.body["current_phase"] = {"type": "dealPhase", "id": _won_phase(account, deal)}
        deal.body["phase_history"].append(
            {
                "phase": deal.body["current_phase"],
                "started_at": f"{at:%Y-%m-%d %H:%M:%S}",
                "started_by": deal.body["responsible_user"],
            }
        )
        save(deal, now=at)
        announce(account, "deal", "won", deal.key)


def accept(account: Account, quotation_id: str | uuid.UUID, *, now: datetime | None = None) -> None:
    """Accept a quotation; whether that wins the deal is an option, as no source says what the real one does."""
    with transaction.atomic():
        quotation = _thing(account, "quotation", quotation_id)
        quotation.body["status"] = "accepted"
        save(quotation, now=now)
        if Options.of(account).accept_wins_deal:
            win(account, quotation.body["deal"]["id"], now=now)


def touch(
    account: Account, kind: str, key: str | uuid.UUID, *, now: datetime | None = None, **changes: Any
) -> dict[str, Any]:
    """Change top-level keys of any record, as if someone had; returns the new body."""
    with transaction.atomic():
        thing = _thing(account, kind, key)
        thing.body |= changes
        save(thing, now=now)
    return dict(thing.body)


def remove(account: Account, kind: str, key: str | uuid.UUID) -> None:
    """Delete a record; a list only leaves it out from then on."""
    with transaction.atomic():
        _thing(account, kind, key).delete()
        announce(account, kind, "deleted", str(key))


def _thing(account: Account, kind: str, key: str | uuid.UUID) -> Thing:
    return Thing.objects.select_for_update().get(account=account, kind=kind, key=str(key))


def _won_phase(account: Account, deal: Thing) -> str:
    phases = Thing.objects.filter(account=account, kind="dealPhase", body___pipeline_id=deal.body["pipeline"]["id"])
    won = phases.filter(body__probability=1).order_by("pk")
    return won.values_list("key", flat=True).first() or deal.body["current_phase"]["id"]
