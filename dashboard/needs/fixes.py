"""From a cause to the place that solves it, and to the sentence as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apicenter.causes import Fix, fix_for, sentence, sentence_parts
from connectors.sheets import format_of
from dashboard.dates import day_of
from dashboard.log.masking import IMPERSONAL, mask_emails, mask_name
from dashboard.needs.answers import replies_to
from dashboard.record.field_names import name_in_flow
from dashboard.templatetags import amounts
from dashboard.words import table_title, tile_of
from flows.catalog.order_status import STATUSES
from flows.models import Flow, RunRecord
from flows.needs.cause_keys import CHOOSING

NAMING = (
    *CHOOSING, "dependency.missing", "dependency.failed", "customer.missing", "key.duplicate", "part.waiting",
    "part.refused",
)  # fmt: skip
NAMES = ("what", "key", "candidates", "part")  # parameters of those that hold somebody's name
SUMS = ("totals.", "payment.")  # causes that speak of money
AMOUNTS = ("source", "source_vat", "target", "target_vat", "amount", "due")
DAYS = ("date", "start")
STATUS_WORDS = dict(STATUSES)
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


def _source_fix(flow: Flow, source: str) -> FixLink:
    if format_of(flow.source) is not None:
        return FixLink(
            _("Correct the file and upload it again"),
            _("What was corrected is then sent by itself."),
            reverse("dashboard:sheets:files", args=[flow.source_id]),
        )
    return FixLink(_("Correct the record in %(system)s") % {"system": source}, _("Put that right, then send again."))


def cause_sentence(flow: Flow, code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a cause for a record of this flow."""
    return sentence(code, _said(flow, code, params))


def cause_parts(flow: Flow | None, code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return the same in two parts: what is wrong, and what that means and asks for."""
    return sentence_parts(code, _said(flow, code, params) if flow else params)


def _said(flow: Flow, code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as people read them: tables and fields by their names, amounts and days in the language."""
    said = dict(params)
    if table := params.get("table"):
        said["table"] = table_title(flow.kind, table)
    if isinstance(field := params.get("field"), str) and field:
        said["field"] = name_in_flow(flow, field)
    if code.startswith(SUMS):
        said |= {name: amounts.money(params[name]) for name in AMOUNTS if name in params}
    if status := STATUS_WORDS.get(params.get("status", "")):
        said["status"] = str(status).lower()
    return said | {name: day_of(params[name]) for name in DAYS if isinstance(params.get(name), str)}


def fix_link(flow: Flow, code: str) -> FixLink:
    """Return what a person does about a cause."""
    source, target = tile_of(flow.source.connector).title, tile_of(flow.target.connector).title
    again = _("Put that right, then send again.")
    if code in CHOOSING:
        return FixLink(
            _("Choose the right one"), _("What waits behind it is sent too."), reverse("dashboard:needs_you")
        )
    if code == "product.retired":
        return FixLink(_("Say below whether the product is deleted or stays"))
    if code == "skip.product_missing":
        return _link_to_products(flow)
    if code == "drift.target_gone":
        return FixLink(
            _("Create it again, or forget the link"),
            _("A link that is forgotten is made anew when the record changes in %(system)s.") % {"system": source},
            reverse("dashboard:needs_you"),
        )
    if code == "dependency.failed":
        return FixLink(_("Solve that record first"), _("This one is sent with it."))
    if replies_to(code):
        return FixLink(_("Say what is to become of it"))
    links = {
        Fix.CONNECTION: FixLink(_("Look at the connection"), again, reverse("dashboard:connections")),
        Fix.VALUE_TABLE: FixLink(
            _("Open the value tables"),
            _("Once a counterpart is chosen, everything that waits for it is sent."),
            reverse("dashboard:flow_tables", args=[flow.pk]),
        ),
        Fix.MAPPING: FixLink(_("Look at the fields"), again, reverse("dashboard:flow_map", args=[flow.pk])),
        Fix.SETTING: FixLink(_("Look at the settings"), again, reverse("dashboard:flow_settings", args=[flow.pk])),
        Fix.SOURCE: _source_fix(flow, source),
        Fix.TARGET: FixLink(_("Correct it in %(system)s") % {"system": target}, again),
        Fix.CHOOSE: FixLink(_("Look in %(system)s which record is meant") % {"system": target}, again),
        Fix.PLAN: FixLink(_("Choose a plan"), _("What was paused then goes on."), reverse("dashboard:billing:plan")),
        Fix.WAIT: FixLink(_("Nothing to do"), _("It is tried again by itself.")),
        Fix.SUPPORT: FixLink(
            _("Tell us"), _("Nothing was sent. We see it in our own log; sending again may help after an update.")
        ),
    }
    return links[fix_for(code)]


def _link_to_products(flow: Flow) -> FixLink:
    """Lead to the flow that makes what this one adds to, or to where one is set up."""
    hint = _("This record follows by itself once its product is made.")
    leader = Flow.objects.filter(source=flow.source_id, target=flow.target_id, kind="products").first()
    if leader is not None:
        return FixLink(_("Look at the products flow"), hint, reverse("dashboard:flow", args=[leader.pk]))
    return FixLink(_("Set up the products flow"), hint, reverse("dashboard:setup:start"))
