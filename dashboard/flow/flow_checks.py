"""The nightly check of a flow as its pages show it: the last result in a line, the ones before, what has vanished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Sum
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.log.masking import IMPERSONAL, mask_name
from flows.models import Binding, Flow, Reconciliation, Run, Tally
from flows.reconciling.nightly import runs_by_itself
from flows.reconciling.reconciliation import latest_check, vanished_of
from flows.running.stopping import OPEN

SHOWN = 10
PAGE = 50


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One comparison in a sentence."""

    words: str
    at: datetime | None = None
    report: Reconciliation | None = None


@dataclass(frozen=True, slots=True)
class Vanished:
    """A pair whose record no longer exists in the source; names of people are cut, as in every list."""

    name: str
    query: str  # finds it in the log
    target_id: str
    noticed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything about the comparisons of a flow."""

    flow: Flow
    last: CheckLine
    earlier: list[CheckLine]
    is_at_work: bool
    vanished: list[Vanished]
    vanished_count: int
    older: str  # query of the next page of the vanished, "" if there is none

    @property
    def is_by_hand(self) -> bool:
        """Whether the flow only runs when somebody starts it: then nothing is compared by the clock either."""
        return not runs_by_itself(self.flow)

    @property
    def cannot_list_source(self) -> bool:
        return self.last.report is not None and not self.last.report.lists_source

    @property
    def cannot_list_target(self) -> bool:
        return self.last.report is not None and not self.last.report.lists_target


def line_of_check(flow: Flow) -> CheckLine:
    """Return the last comparison that came to its end."""
    report = latest_check(flow)
    return _line(report) if report else CheckLine(_("not checked yet"))


def build_check_page(flow: Flow, query: QueryDict) -> CheckPage:
    """Gather what the page of the comparisons shows."""
    done = Reconciliation.objects.filter(flow=flow, finished_at__isnull=False)
    lines = [_line(report) for report in done.select_related("run").order_by("-started_at")[:SHOWN]]
    start = int(start) if (start := query.get("from", "")).isdecimal() and len(start) < 8 else 0
    gone = vanished_of(flow)
    rows = list(gone[start : start + PAGE + 1])
    return CheckPage(
        flow=flow,
        last=lines[0] if lines else CheckLine(_("not checked yet")),
        earlier=lines[1:],
        is_at_work=_at_work(flow),
        vanished=[_vanished(pair) for pair in rows[:PAGE]],
        vanished_count=gone.count(),
        older=urlencode({"from": start + PAGE}) if len(rows) > PAGE else "",
    )


def _vanished(pair: Binding) -> Vanished:
    said = pair.number or pair.source_key
    name = said if pair.kind in IMPERSONAL else mask_name(said)
    return Vanished(name, urlencode({"q": pair.target_id}), pair.target_id, pair.source_gone_at)


def _at_work(flow: Flow) -> bool:
    runs = Run.objects.filter(flow=flow, trigger=Run.Trigger.RECONCILE, state__in=OPEN)
    return runs.exclude(phase__in=(Run.Phase.SETTLE, Run.Phase.END)).exists()


def _line(report: Reconciliation) -> CheckLine:
    return CheckLine(check_words(report), report.started_at, report)


def check_words(report: Reconciliation) -> str:
    """Say what a comparison came to: "1,204 compared, 2 found and sent, 1 vanished"."""
    if not report.lists_source and not report.lists_target:
        return _("neither system can list what it has")
    parts = [_compared(report.compared if report.lists_source else report.target_compared)]
    if report.found:
        parts.append(_found(report))
    if report.vanished:
        parts.append(_count(ngettext("%(count)s vanished", "%(count)s vanished", report.vanished), report.vanished))
    if report.target_gone:
        words = ngettext("%(count)s gone in the target", "%(count)s gone in the target", report.target_gone)
        parts.append(_count(words, report.target_gone))
    if report.left_over:
        words = ngettext("%(count)s left to the next check", "%(count)s left to the next check", report.left_over)
        parts.append(_count(words, report.left_over))
    if len(parts) == 1:
        parts.append(_("all in step"))
    return ", ".join(parts)


def _compared(number: int) -> str:
    return _count(ngettext("%(count)s compared", "%(count)s compared", number), number)


def _found(report: Reconciliation) -> str:
    """Say how many were found; that all of them were sent only if they were."""
    sums = Tally.objects.filter(run=report.run_id, kind=report.flow.kind).aggregate(
        created=Sum("created"), updated=Sum("updated")
    )
    sent = (sums["created"] or 0) + (sums["updated"] or 0)
    if sent == report.found:
        return _count(ngettext("%(count)s found and sent", "%(count)s found and sent", sent), sent)
    words = ngettext("%(count)s found (%(sent)s sent)", "%(count)s found (%(sent)s sent)", report.found)
    return words % {"count": intcomma(report.found), "sent": intcomma(sent)}


def _count(words: str, number: int) -> str:
    return words % {"count": intcomma(number)}
