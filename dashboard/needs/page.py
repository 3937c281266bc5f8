"""What the page of everything that needs a person shows, and by what it can be narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from apicenter.organizations.models import Membership, User
from dashboard.log.masking import mask_emails
from dashboard.needs.cards import CauseCard, cards_of, fill
from dashboard.needs.cause_groups import CauseGroup, groups_of, open_records
from dashboard.needs.fixes import cause_sentence
from flows.models import CauseTask, Flow, RunRecord
from flows.needs.cause_tasks import solved_tasks
from flows.needs.replays import ASIDE

MINE, NOBODYS = "mine", "nobody"
MOST_ASIDE = 200
SHOWN_CARDS = 25
OPEN_CARDS = 3  # more causes than these are a list to choose from: each is opened by whoever wants it


@dataclass(frozen=True, slots=True)
class NeedsFilter:
    """Whose causes of which flow are shown."""

    who: str = ""
    flow: str = ""

    @classmethod
    def of(cls, values: object) -> NeedsFilter:
        """Read it from a query; what it does not know is passed over."""
        get = values.get  # type: ignore[attr-defined]
        who, flow = get("who", ""), get("flow", "")
        return cls(who if who in (MINE, NOBODYS) else "", flow if _is_id(flow) else "")

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in (("who", self.who), ("flow", self.flow)) if value})

    @property
    def is_set(self) -> bool:
        return bool(self.who or self.flow)

    def keeps(self, card: CauseCard, user: User) -> bool:
        if self.flow and str(card.group.flow.pk) != self.flow:
            return False
        if self.who == MINE:
            return card.task.assignee_id == user.pk
        return self.who != NOBODYS or card.task.assignee_id is None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class NeedsPage:
    """Everything that needs a person."""

    cards: Page[CauseCard]
    count: int  # of records, over all causes
    causes: int
    flows: list[Flow]
    mine: int
    nobodys: int
    solved: int
    aside: int
    members: list[User]

    @property
    def are_open(self) -> bool:
        """Whether the causes show at once what is done about them."""
        return len(self.cards) <= OPEN_CARDS

    @property
    def is_pending(self) -> bool:
        """Whether a list that a fix chooses from has still to be read."""
        return any(card.is_pending for card in self.cards)


def build_needs_page(user: User, chosen: NeedsFilter, *, number: str = "", reads: bool = False) -> NeedsPage:
    """Gather the causes that are open, those first that hold most records, a portion of them with what their fixes
    need; with `reads`, lists are read live."""
    records = open_records()
    cards = cards_of(groups_of(records))
    kept = [card for card in cards if chosen.keeps(card, user)]
    shown = Paginator(kept, SHOWN_CARDS).get_page(number)
    fill(list(shown), reads=reads)
    flows = {card.group.flow.pk: card.group.flow for card in cards}
    return NeedsPage(
        cards=shown,
        count=len(records),
        causes=len(cards),
        flows=sorted(flows.values(), key=lambda flow: flow.title),
        mine=sum(card.task.assignee_id == user.pk for card in cards),
        nobodys=sum(card.task.assignee_id is None for card in cards),
        solved=solved_tasks().count(),
        aside=aside_records().count(),
        members=members(),
    )


def tab_counts() -> dict[str, int]:
    """Return the numbers on the tabs of the other lists."""
    held = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU).aggregate(count=Count("pk"))["count"]
    return {"count": held, "solved": solved_tasks().count(), "aside": aside_records().count()}


def members() -> list[User]:
    """Return who may be given a task: everybody who may change something."""
    rows = Membership.objects.exclude(role=Membership.Role.VIEWER).select_related("user")
    return sorted((row.user for row in rows), key=lambda user: str(user).casefold())


def aside_records() -> QuerySet[RunRecord]:
    """Return what was set aside and is still in the log, newest first."""
    rows = RunRecord.objects.filter(state=RunRecord.State.SKIPPED, code__in=ASIDE)
    return rows.select_related("flow__source", "flow__target").defer("source", "exchange").order_by("-finished_at")


@dataclass(frozen=True, slots=True)
class SolvedLine:
    """A cause that holds nothing back any more."""

    task: CauseTask
    title: str

    @property
    def how(self) -> str:
        return str(CauseTask.How(self.task.solved_how).label) if self.task.solved_how else ""


def solved_lines() -> list[SolvedLine]:
    """Return what was solved lately and by whom or what."""
    return [SolvedLine(task, mask_emails(cause_sentence(task.flow, task.code, task.params))) for task in solved_tasks()]


def find_group(key: str) -> CauseGroup | None:
    """Return an open cause by its key."""
    return next((group for group in groups_of(open_records()) if group.key == key), None)
