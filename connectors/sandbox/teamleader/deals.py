"""Moving a deal from phase to phase."""

from __future__ import annotations

from django.utils import timezone

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.reading import refuse_unknown
from connectors.sandbox.teamleader.writing import save


def move(incoming: Incoming) -> Reply:
    """Move a deal; 204. Whether it stays won is not documented: with `move_opens` it counts as open again."""
    asked = checks.mapping(incoming.body, field="body")
    options = Options.of(incoming.account)
    refuse_unknown(asked, {"id", "phase_id"}, options)
    deal = checks.found(incoming.account, "deal", asked.get("id"))
    phase = checks.reference(incoming.account, asked.get("phase_id"), kind="dealPhase", field="phase_id")
    body = deal.body
    if body["current_phase"] != phase:
        user = Thing.objects.filter(account=incoming.account, kind="user").order_by("pk").first()
        by = {"type": "user", "id": user.key if user else body["responsible_user"]["id"]}
        entry = {"phase": phase, "started_at": f"{timezone.now():%Y-%m-%d %H:%M:%S}", "started_by": by}
        body |= {"current_phase": phase, "phase_history": [*body["phase_history"], entry]}
        if options.move_opens:
            body |= {"status": "open", "closed_at": None}
    save(deal)
    return Reply(204)
