"""What companies and contacts can do besides add and update: tags, and contacts linked to a company."""

from __future__ import annotations

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.reading import refuse_unknown
from connectors.sandbox.teamleader.writing import save


def tag(incoming: Incoming, kind: str) -> Reply:
    """Add tags and leave the others alone."""
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {"id", "tags"}, Options.of(incoming.account))
    thing = checks.found(incoming.account, kind, asked.get("id"))
    added = [checks.text(entry, field="tags") for entry in checks.array(asked.get("tags"), field="tags")]
    thing.body["tags"] = list(dict.fromkeys([*thing.body["tags"], *added]))
    save(thing)
    return Reply(204)


def link_to_company(incoming: Incoming) -> Reply:
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {"id", "company_id", "position", "decision_maker"}, Options.of(incoming.account))
    contact = checks.found(incoming.account, "contact", asked.get("id"))
    company = checks.reference(incoming.account, asked.get("company_id"), kind="company", field="company_id")
    link = {
        "position": asked.get("position"),
        "secondary_position": None,
        "division": None,
        "decision_maker": bool(asked.get("decision_maker", False)),
        "company": company,
    }
    others = [entry for entry in contact.body["companies"] if entry["company"]["id"] != company["id"]]
    contact.body["companies"] = [*others, link]
    save(contact)
    return Reply(204)
