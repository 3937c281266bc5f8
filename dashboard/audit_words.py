"""What the entries of the audit trail are called. Each part of the platform adds its own actions and fields here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apicenter.organizations.models import AuditEntry, Membership
from connectors.models import Connection
from connectors.registry import all_connectors
from dashboard.dates import day_of
from dashboard.needs.cause_words import cause_title
from dashboard.words import SETTINGS, kind_word, readable_value
from flows.models import Ruling

ACTIONS: dict[str, Promise] = {
    "connection.made": _("made the connection"),
    "connection.changed": _("changed what was entered for the connection"),
    "connection.authorized": _("gave access to an account for the connection"),
    "connection.authorized_again": _("gave access anew for the connection"),
    "connection.renamed": _("renamed the connection"),
    "connection.disconnected": _("disconnected the connection"),
    "connection.removed": _("removed the connection"),
    "sheet.connection_made": _("added a spreadsheet"),
    "sheet.uploaded": _("uploaded a file"),
    "sheet.taken": _("took the records of a file"),
    "sheet.removed": _("deleted a file"),
    "flow.paused": _("paused the flow"),
    "flow.resumed": _("resumed the flow"),
    "hook.made": _("made an address that starts a flow"),
    "hook.removed": _("removed an address that starts a flow"),
    "token.issued": _("issued an API token"),
    "token.revoked": _("withdrew an API token"),
    "flow.schedule_changed": _("changed the schedule"),
    "flow.instant_changed": _("changed the instant updates"),
    "flow.check_changed": _("changed the nightly check"),
    "record.link_forgotten": _("forgot the link of a record"),
    "connection.address_made": _("made an address for webhooks"),
    "flow.filters_changed": _("changed the filters"),
    "flow.settings_changed": _("changed the settings"),
    "flow.renamed": _("renamed the flow"),
    "flow.deleted": _("deleted the flow"),
    "run.backfill_started": _("started reading older records"),
    "run.stopped": _("stopped a run"),
    "run.resumed": _("let a stopped run go on"),
    "run.closed": _("left out the rest of a stopped run"),
    "trial.started": _("started the free days with the first flow"),
    "trial.extended": _("extended the free days"),
    "trial.ended": _("paused flows, as the free days are over"),
    "plan.flows_paused": _("paused flows that the plan does not cover"),
    "plan.flows_resumed": _("resumed flows that the plan covers"),
    "plan.ordered": _("ordered a plan"),
    "plan.cancelled": _("cancelled the plan"),
    "plan.kept": _("took the cancellation back"),
    "onboarding.ordered": _("ordered the onboarding package"),
    "order.handled": _("marked an order as handled"),
    "billing.details_changed": _("changed the billing details"),
    "map.published": _("published the fields"),
    "map.restored": _("restored an earlier version of the fields"),
    "map.draft_discarded": _("threw the draft of the fields away"),
    "table.pair_set": _("set a pair in a value table"),
    "table.row_added": _("added a row to a value table"),
    "table.row_mirrored": _("made a pair that also stands in another value table"),
    "table.row_changed": _("changed a row of a value table"),
    "table.row_removed": _("removed a row from a value table"),
    "table.row_confirmed": _("confirmed a suggestion in a value table"),
    "table.rule_set": _("chose what happens to values without a row"),
    "table.change_undone": _("took back a change of a value table"),
    "cause.assigned": _("said whose task a cause is"),
    "record.chosen": _("chose which record another one is"),
    "flow.behaviour_changed": _("changed how the runs of a flow behave"),
    "record.ruled": _("decided what becomes of a record"),
    "record.kept_apart": _("decided that a record becomes a new one"),
    "record.set_aside": _("set a record aside"),
    "record.noted": _("wrote a note about a record"),
    "record.taken_back": _("took back that a record was set aside"),
    "record.deleted_there": _("deleted a record in the other system"),
    "flow.setting_fixed": _("filled in a setting where records were held back"),
    "organization.founded": _("made the company"),
    "organization.changed": _("changed the settings of the company"),
    "organization.exported": _("exported everything"),
    "member.invited": _("sent an invitation to"),
    "member.invited_again": _("sent the invitation again to"),
    "member.invitation_withdrawn": _("withdrew the invitation of"),
    "member.joined": _("joined as"),
    "member.role_changed": _("changed the role of"),
    "member.removed": pgettext_lazy("somebody did", "removed"),
    "member.left": _("left the company:"),
    "owner.changed": _("handed the ownership over to"),
    "flow.made": _("chose the flow in the set-up"),
    "flow.dropped": _("dropped the flow from the set-up"),
    "flow.activated": _("activated the flow"),
    "table.confirmed": _("confirmed a suggested pair"),
    "table.left_open": _("left a value without a counterpart"),
    "question.sent": _("sent a question of the set-up to somebody"),
    "question.answered": _("answered a question of the set-up by its link"),
    "question.revoked": _("withdrew the link of a question"),
    "steps.sent": _("sent the steps of a guide to somebody"),
    "cause.taken": _("takes care of a cause"),
    "cause.given_back": _("no longer takes care of a cause"),
    "notifications.defaults": _("changed what everybody is told"),
    "webhook.added": _("added a webhook"),
    "webhook.changed": _("changed a webhook"),
    "webhook.secret_changed": _("made another secret for a webhook"),
    "webhook.switched_on": _("switched a webhook on"),
    "webhook.switched_off": _("switched a webhook off"),
    "webhook.removed": _("removed a webhook"),
    "sign_in.done": _("signed in"),
    "sign_in.failed": _("could not sign in: the password was wrong"),
    "sign_in.code_wrong": _("could not sign in: the code was wrong"),
    "sign_in.ended": _("signed out"),
    "password.changed": _("changed the password"),
    "address.changed": _("changed the e-mail address to"),
    "second_step.added": _("added a second step:"),
    "second_step.removed": _("removed a second step:"),
}
FIELDS: dict[str, Promise] = {
    "role": _("Role"),
    "name": _("Name"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "log_days": _("Days that the log is kept"),
    "require_mfa": _("Ask two-step sign-in of everybody"),
    "environment": _("Environment"),
    "account": _("Account"),
    "replaced": _("Replaced"),
    "kind": _("Kind"),
    "masks_mail": _("Cut names and addresses in e-mails"),
    "value": _("Counterpart"),
    "label": _("Name of the counterpart"),
    "target": _("Record in the other system"),
    "not": _("None of these"),
    "why": _("Reason"),
    "cause": _("Cause"),
    "answer": _("Decision"),
    "assignee": _("Who looks after it"),
    "version": _("Version"),
    "note": _("Note"),
    "filter": _("Filter"),
    "on": _("Switched on"),
    "since": _("Changed from"),
    "until": _("Up to and including"),
    "every_minutes": _("Minutes between runs"),
    "daily_at": _("Every day at"),
    "cron": _("At times of your own (cron)"),
    "start_from": _("Read records changed from"),
    "most_per_run": _("Records per run"),
    "most_errors": _("Pause after this many records in a row that need you"),
    "hours_from": _("Runs by itself from"),
    "hours_until": _("Runs by itself until"),
    "ends_at": _("Ends on"),
    "expires_at": _("Expires"),
    "scopes": _("It may"),
    "to": _("Sent to"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "period": _("Period"),
    "rows": _("Rows"),
    "columns": _("Columns"),
}
MAP_CHANGES: dict[str, Promise] = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}


DAYS = frozenset({"since", "until", "start_from", "ends_at", "expires_at"})
SILENT = frozenset({"partner"})  # ids of ours, which say nothing to anybody


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, in words; "" where there was or is none."""

    field: str
    before: str
    after: str


def action_words(action: str) -> str:
    """Return what was done, in words; an unknown code as it stands."""
    return str(ACTIONS.get(action, action))


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return what differs, field by field."""
    every = dict.fromkeys([*entry.before, *entry.after])
    names = [name for name in every if name not in SILENT]
    return [
        Change(
            _field(name),
            _value(name, entry.before.get(name, "")),
            _value(name, entry.after.get(name, "")),
        )
        for name in names
    ]


def _field(name: str) -> str:
    """Return what a field is called: by us, by the form of a connection, or as a setting of flows."""
    known = FIELDS.get(name) or _form_titles().get(name) or SETTINGS.get(name)
    return str(known or name)


@cache
def _form_titles() -> dict[str, Promise | str]:
    return {field.name: field.title for connector in all_connectors() for field in connector.form}


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name == "role" and value in Membership.Role.values:
        return str(Membership.Role(value).label)
    if name == "kind" and isinstance(value, str):
        return kind_word(value)
    if name == "environment" and value in Connection.Environment.values:
        return str(Connection.Environment(value).label)
    if name == "cause" and isinstance(value, str):
        return cause_title(value)
    if name == "answer" and value in Ruling.Answer.values:
        return str(Ruling.Answer(value).label)
    if name in DAYS and isinstance(value, str):
        return day_of(value)
    if isinstance(value, str) and value in MAP_CHANGES and name not in FIELDS:
        return str(MAP_CHANGES[value])
    return readable_value(value)
