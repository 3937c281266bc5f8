"""One cause as its card shows it: what it means, and everything its fix needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from connectors.base import Option
from connectors.models import Connection
from dashboard.needs.answers import Reply, replies_to
from dashboard.needs.cause_groups import CauseGroup
from dashboard.record.difference_lines import DifferenceLine, difference_lines
from dashboard.record.panes import Pane, open_sealed, pane_of
from dashboard.tables.choices import Choice, labels_of
from dashboard.words import SETTINGS, tile_of
from flows.catalog.mutation_settings import ACCOUNT_SETTINGS
from flows.catalog.presets import value_in
from flows.documents.confirming import DIFFERS, RATES_DIFFER
from flows.models import CauseTask, Flow, RunRecord
from flows.needs.cause_keys import CHOOSING
from flows.needs.cause_tasks import open_tasks, refresh_tasks
from flows.needs.remedies import SETTING_FOR, similar_items
from flows.reconciling.drift import GONE
from flows.tables.option_lists import OptionList, has_list, kept_list, read_list
from flows.tables.proposals import Proposal, propose
from flows.tables.value_tables import spec_of

MOST_TOTALS = 3
MOST_COMPARED = 3
COMPARED = frozenset({"order.changed", "order.changed_there", "order.changed_late", "entry.changed"})
TOTALS_DIFFER = frozenset({"totals.differ", "totals.rates_differ"})
CENTS = Decimal(1)
AFTERWARDS = ("order.changed", "order.lost", "order.reopened", "order.withdrawn", "order.gone", "entry.")
HAPPENED = frozenset({"refused.by_target", "currency.unknown", "period.closed", "remote.not_found"})


@dataclass
class CauseCard:
    """A cause, its task, and the lists its fix chooses from as far as they are known."""

    group: CauseGroup
    task: CauseTask
    left: OptionList | None = None
    right: OptionList | None = None
    answered: RunRecord | None = None  # one of its records that the target answered
    similar: list[str] = field(default_factory=list)  # items that are called much like the one that is missing

    @property
    def target(self) -> str:
        return tile_of(self.group.flow.target.connector).title

    @property
    def advice(self) -> str:
        """What the sentence of the cause says besides what is wrong; of totals only what `meaning` says anyway."""
        return "" if self.group.code in TOTALS_DIFFER else self.group.advice

    @property
    def meaning(self) -> str:
        """Whether anything was sent or booked."""
        if self.group.code == "outcome.unresolved":
            return _("%(system)s may have made it all the same: look there before you send it again.") % {
                "system": self.target
            }
        if self.group.code == "release.refused":
            return _("%(system)s has booked it; only the release is left.") % {"system": self.target}
        if self.is_booked:
            return _("%(system)s has booked it: sending it again only compares it again.") % {"system": self.target}
        if self.group.code.startswith(AFTERWARDS):
            return _("It stands in %(system)s; nothing of ours was changed there since it was sent.") % {
                "system": self.target
            }
        if self.group.code in HAPPENED or any(record.attempts for record in self.group.records):
            return _("%(system)s did not accept it, so nothing was booked.") % {"system": self.target}
        return _("Nothing was sent and nothing was booked.")

    @property
    def answer(self) -> Pane:
        """What the other system answered to one of the records, word for word."""
        if self.answered is None:
            return Pane()
        exchange, opens = open_sealed(self.answered.read_exchange)
        answer = exchange.get("answer") if isinstance(exchange, dict) else None
        return pane_of(answer, is_readable=opens)

    # a value without a counterpart

    @property
    def list_name(self) -> str:
        spec = spec_of(self.group.table) if self.group.table else None
        return spec.target_list if spec else ""

    @property
    def is_pending(self) -> bool:
        """Whether the list to choose from has still to be read."""
        return self.group.is_missing_pair and self.right is None and has_list(self.group.flow.target, self.list_name)

    @property
    def choices(self) -> list[Choice]:
        options = self.right.options if self.right else ()
        return [Choice(value, label) for value, label in labels_of(options).items()]

    @cached_property
    def proposal(self) -> Proposal | None:
        """What we would choose, and why."""
        if not self.right or not self.right.options:
            return None
        key = self.group.params.get("key", "")
        known = next((option for option in (self.left.options if self.left else ()) if option.value == key), None)
        (found,) = propose([known or Option(key, self.group.params.get("value", key))], self.right.options)
        return found if found.right else None

    # an item that is missing

    @property
    def is_missing_item(self) -> bool:
        return self.group.code == "product.missing"

    @property
    def fallback_item(self) -> str:
        return str(self.group.flow.settings.get("fallback_item") or "")

    # a record that is gone in the target

    @property
    def is_gone_there(self) -> bool:
        return self.group.code == GONE

    # a document that is there and came to something else

    @property
    def is_booked(self) -> bool:
        return self.group.code in (DIFFERS, RATES_DIFFER)

    # a setting

    @property
    def setting(self) -> str:
        """The name of the setting that solves it, or "". More than cents are never a matter of tolerance."""
        name = SETTING_FOR.get(self.group.code, "")
        if name == "totals_tolerance" and not all(map(_is_cents, self.group.records)):
            return ""
        return name if name in self.group.flow.settings else ""

    @property
    def setting_title(self) -> str:
        return str(SETTINGS.get(self.setting, self.setting))

    @property
    def accounts(self) -> list[Choice]:
        """The ledger accounts to choose from, where one is missing and they were read lately."""
        if self.setting not in ACCOUNT_SETTINGS.values():
            return []
        kept = kept_list(self.group.flow.target, "accounts")
        return [Choice(value, label) for value, label in kept.labels.items()] if kept else []

    @property
    def setting_value(self) -> str:
        return value_in(self.group.flow.settings.get(self.setting))

    # a choice that is left to a person

    @property
    def replies(self) -> list[Reply]:
        return replies_to(self.group.code)

    @property
    def differing(self) -> list[tuple[RunRecord, list[DifferenceLine]]]:
        """The first records whose document there differs from what it was made from, each with what differs."""
        if self.group.code not in COMPARED:
            return []
        shown = RunRecord.objects.filter(pk__in=[record.pk for record in self.group.records[:MOST_COMPARED]])
        rows = shown.select_related("organization", "flow__source", "flow__target").defer("source")
        return [(record, lines) for record in rows if (lines := difference_lines(record))]

    # totals that differ

    @property
    def totals(self) -> list[RunRecord]:
        """The records whose totals are shown side by side."""
        shown = [record for record in self.group.records if self.is_booked or record.params.get("by_rate")]
        return shown[:MOST_TOTALS]

    @property
    def compared(self) -> list[RunRecord]:
        """The records of which somebody has to say which of several they are."""
        if self.group.code not in CHOOSING:
            return []
        return [record for record in self.group.shown if record.params.get("choices")]


def _is_cents(record: RunRecord) -> bool:
    try:
        return abs(Decimal(record.params["source"]) - Decimal(record.params["target"])) <= CENTS
    except (KeyError, TypeError, InvalidOperation):
        return False


def cards_of(groups: Iterable[CauseGroup]) -> list[CauseCard]:
    """Return a card per cause with its task, and nothing yet of what its fix needs: `fill` adds that."""
    refresh_tasks()
    tasks = open_tasks()
    return [CauseCard(group, tasks[group.key]) for group in groups if group.key in tasks]


def fill(cards: Sequence[CauseCard], *, reads: bool = False) -> None:
    """Add what the fixes need, with the lists as they were read lately; with `reads`, those that were not are read
    now, each once."""
    answered = _answered([card.group for card in cards])
    lists = _Lists(reads=reads)
    for card in cards:
        card.answered = answered.get(card.group.key)
        _add_lists(card, lists)
    _add_similar([card for card in cards if card.is_missing_item])


class _Lists:
    """Lists to choose from, each asked for once."""

    def __init__(self, *, reads: bool) -> None:
        self._read: Any = read_list if reads else kept_list
        self._known: dict[tuple[Any, str], OptionList | None] = {}

    def of(self, connection: Connection, name: str) -> OptionList | None:
        key = (connection.pk, name)
        if key not in self._known:
            self._known[key] = self._read(connection, name)
        return self._known[key]


def _add_lists(card: CauseCard, lists: _Lists) -> None:
    table = card.group.table if card.group.is_missing_pair else None
    spec = spec_of(table) if table else None
    if spec is not None:
        card.left = lists.of(card.group.flow.source, spec.source_list)
        card.right = lists.of(card.group.flow.target, spec.target_list)


def _add_similar(cards: Iterable[CauseCard]) -> None:
    by_flow: dict[Flow, list[CauseCard]] = {}
    for card in cards:
        by_flow.setdefault(card.group.flow, []).append(card)
    for flow, missing in by_flow.items():
        found = similar_items(flow, [card.group.params.get("sku", "") for card in missing])
        for card in missing:
            card.similar = found.get(card.group.params.get("sku", ""), [])


def _answered(groups: list[CauseGroup]) -> dict[str, RunRecord]:
    """Return one record per cause that was sent, with what was answered: one query for all."""
    firsts = {}
    for group in groups:
        tried = next((record for record in group.records if record.attempts), None)
        if tried is not None:
            firsts[tried.pk] = group.key
    rows = RunRecord.objects.filter(pk__in=firsts, exchange__isnull=False).select_related("organization", "flow")
    return {firsts[row.pk]: row for row in rows.defer("source")}
