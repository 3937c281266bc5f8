"""Webhook subscriptions: a url and its types, without id or secret."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks
from connectors.sandbox.teamleader.dialect import Refused
from connectors.sandbox.teamleader.reading import refuse_unknown
from connectors.sandbox.teamleader.writing import save

_INCOMING = "added approved bookkeepingSubmissionFailed bookkeepingSubmissionSucceeded deleted refused updated"
_EVENTS = {
    "account": "deactivated deleted",
    "call": "added completed deleted updated",
    "company": "added deleted updated",
    "contact": "added deleted linkedToCompany unlinkedFromCompany updatedLinkToCompany updated",
    "creditNote": "booked deleted peppolSubmissionFailed peppolSubmissionSucceeded sent updated",
    "deal": "created deleted lost moved updated won",
    "incomingCreditNote": _INCOMING,
    "incomingInvoice": _INCOMING,
    "invoice": "booked deleted drafted paymentRegistered paymentRemoved peppolSubmissionFailed "
    "peppolSubmissionSucceeded sent updated",
    "meeting": "created completed deleted updated",
    "milestone": "created updated",
    "nextgenProject": "created updated closed deleted",
    "nextgenTask": "completed created deleted updated",
    "product": "added updated deleted",
    "project": "created deleted updated",
    "receipt": _INCOMING,
    "subscription": "added deactivated deleted updated",
    "task": "completed created deleted updated",
    "ticket": "closed created deleted reopened updated",
    "ticketMessage": "added",
    "timeTracking": "added deleted updated",
    "user": "deactivated",
}
TYPES = [f"{subject}.{verb}" for subject, verbs in _EVENTS.items() for verb in verbs.split()]


def list_rows(incoming: Incoming) -> Reply:
    hooks = Thing.objects.filter(account=incoming.account, kind="webhook").values_list("body", flat=True)
    return Reply(200, {"data": sorted(hooks, key=lambda body: body["url"])})


def register(incoming: Incoming) -> Reply:
    """Subscribe; more types for a url that is known are added to it."""
    url, types = _asked(incoming)
    hook = Thing.objects.filter(account=incoming.account, kind="webhook", key=_key(url)).first()
    if hook is None:
        body = {"url": url, "types": types}
        Thing.objects.create(account=incoming.account, kind="webhook", key=_key(url), body=body)
        return Reply(204)
    hook.body["types"] = list(dict.fromkeys([*hook.body["types"], *types]))
    save(hook)
    return Reply(204)


def unregister(incoming: Incoming) -> Reply:
    """Take types away; a url without types is gone."""
    url, types = _asked(incoming)
    hook = Thing.objects.filter(account=incoming.account, kind="webhook", key=_key(url)).first()
    if hook is None:
        return Reply(204)
    hook.body["types"] = [kept for kept in hook.body["types"] if kept not in types]
    if hook.body["types"]:
        save(hook)
    else:
        hook.delete()
    return Reply(204)


def _asked(incoming: Incoming) -> tuple[str, list[str]]:
    asked = checks.mapping(incoming.body, field="body")
    refuse_unknown(asked, {"url", "types"}, Options.of(incoming.account))
    url = checks.text(asked.get("url"), field="url")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refused("url must be a valid URL", field="url")
    types = [checks.one_of(kind, TYPES, field="types") for kind in checks.array(asked.get("types"), field="types")]
    if not types:
        raise Refused("types must not be empty", field="types")
    return url, types


def _key(url: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, url))
