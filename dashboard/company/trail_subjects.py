"""What an entry of the trail is about, in the reader's language: entries keep names as they were then."""

from __future__ import annotations

from apicenter.organizations.models import AuditEntry
from dashboard.needs.cause_words import cause_title
from dashboard.words import table_title
from flows.catalog.registry import FLOW_KINDS
from flows.titles import title_of, usual_names

OF_FLOWS = ("flow.", "map.", "run.", "hook.", "trial.", "plan.flows_")
OF_RECORDS = "record."
OF_TABLES = "table."
OF_CAUSES = "cause."


def subject_words(entry: AuditEntry) -> str:
    """Return the subject with the usual names of flows, value tables and causes in the active language."""
    subject = entry.subject
    if entry.action.startswith(OF_FLOWS):
        return ", ".join(_flow(name) for name in subject.split(", "))
    if entry.action.startswith(OF_RECORDS):
        flow, comma, record = subject.partition(", ")
        return f"{_flow(flow)}{comma}{record}"
    if entry.action.startswith(OF_TABLES):
        place, colon, what = subject.partition(": ")
        return f"{_table(place)}{colon}{what}"
    if entry.action.startswith(OF_CAUSES):
        flow, colon, code = subject.rpartition(": ")
        return f"{_flow(flow)}{colon}{cause_title(code)}" if colon else subject
    return subject


def _flow(name: str) -> str:
    kind = _kind_of(name)
    return title_of(kind, name) if kind else name


def _table(place: str) -> str:
    """Return words for "flow, table", or for a table alone, which an entry of the set-up names."""
    flow, comma, table = place.rpartition(", ")
    kinds = [_kind_of(flow)] if _kind_of(flow) else list(FLOW_KINDS)
    titles = (table_title(kind, table) for kind in kinds)
    title = next((title for title in titles if title != table), table)
    return f"{_flow(flow)}{comma}{title}"


def _kind_of(name: str) -> str:
    """Return the kind of flow that is usually called so in one of the languages, or ""."""
    return next((kind for kind in FLOW_KINDS if name in usual_names(kind)), "")
