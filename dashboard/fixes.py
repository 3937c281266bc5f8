"""From a cause to the place that solves it, and to the sentence as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apicenter.causes import Fix, fix_for, sentence
from dashboard.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.words import table_title, tile_of
from flows.models import Flow, RunRecord

NAMING = ("match.ambiguous", "dependency.missing", "dependency.failed", "customer.missing", "key.duplicate")
NAMES = ("what", "key", "candidates")  # parameters of those that hold somebody's name
NO_PAIR = ("value.no_pair", "vat.no_pair")


@dataclass(frozen=True, slots=True)
class FixLink:
    """What to do, and where: without an address the text says it all."""

    text: str
    hint: str = ""
    url: str = ""


def reason_of(record: RunRecord) -> str:
    """Return why a record is where it is; value tables go by their title."""
    return cause_sentence(record.flow, record.code, record.params) if record.code else ""


def masked_reason_of(record: RunRecord) -> str:
    """Return the same for a list: names and addresses in it are cut."""
    if not record.code:
        return ""
    is_personal = record.kind not in IMPERSONAL and record.code in NAMING
    params = {
        name: mask_name(value) if is_personal and name in NAMES and isinstance(value, str) else value
        for name, value in record.params.items()
    }
    return mask_emails(cause_sentence(record.flow, record.code, params))


def cause_sentence(flow: Flow, code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a cause for a record of this flow."""
    table = params.get("table")
    return sentence(code, {**params, "table": table_title(flow.kind, table)} if table else params)


def fix_link(flow: Flow, code: str) -> FixLink:
    """Return what a person does about a cause."""
    source, target = tile_of(flow.source.connector).title, tile_of(flow.target.connector).title
    again = _("Put that right, then send again.")
    if code == "match.ambiguous":
        return FixLink(
            _("Choose the right one"), _("What waits behind it is sent too."), reverse("dashboard:needs_you")
        )
    if code == "dependency.failed":
        return FixLink(_("Solve that record first"), _("This one is sent with it."))
    links = {
        Fix.CONNECTION: FixLink(_("Look at the connection"), again, reverse("dashboard:connections")),
        Fix.VALUE_TABLE: FixLink(
            _("Open the value tables"),
            _("Once a counterpart is chosen, everything that waits for it is sent."),
            reverse("dashboard:flow_tables", args=[flow.pk]),
        ),
        Fix.MAPPING: FixLink(_("Look at the fields"), again, reverse("dashboard:flow_map", args=[flow.pk])),
        Fix.SETTING: FixLink(_("Look at the settings"), again, reverse("dashboard:flow_settings", args=[flow.pk])),
        Fix.SOURCE: FixLink(_("Correct the record in %(system)s") % {"system": source}, again),
        Fix.TARGET: FixLink(_("Correct it in %(system)s") % {"system": target}, again),
        Fix.CHOOSE: FixLink(_("Look in %(system)s which record is meant") % {"system": target}, again),
        Fix.WAIT: FixLink(_("Nothing to do"), _("It is tried again by itself.")),
        Fix.SUPPORT: FixLink(
            _("Tell us"), _("Nothing was sent. We see it in our own log; sending again may help after an update.")
        ),
    }
    return links[fix_for(code)]
