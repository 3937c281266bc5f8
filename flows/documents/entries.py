"""What was sent, read back as the journal entry it is, whatever system it went to."""

from __future__ import annotations

from typing import Any

from connectors.core import JournalEntry
from connectors.services import offline_connector
from flows.models import Flow


def entry_of(flow: Flow, payload: Any) -> JournalEntry | None:
    """Return a payload as a journal entry, or None if it is something else. Calls nobody."""
    if not isinstance(payload, dict):
        return None
    connector = offline_connector(flow.target)
    found = (connector.target(name).read_entry(payload) for name in connector.targets)
    return next((entry for entry in found if entry is not None), None)
