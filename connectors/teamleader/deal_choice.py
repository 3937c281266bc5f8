"""What of a deal is an order, as the flow chose; what was an order and is none any more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from connectors.choice import Known, OrderChoice, SendsWhen, Several
from connectors.core import JSONDict
from connectors.teamleader.read_order import DEAL_PREFIX, accepted_ids
from connectors.teamleader.read_values import read_id

WON, LOST = "won", "lost"
NAMES_TRIED = 3  # of a deal: its first orders' names, by which one that was sent is known


@dataclass(frozen=True, slots=True)
class Part:
    """Something of a deal: the order of `key`, or, with `code`, the reason why it is none."""

    key: str
    name: str
    code: str = ""
    filter: str = ""  # with skip.filtered: which one
    rivals: int = 0

    @property
    def is_estimate(self) -> bool:
        return self.key.startswith(DEAL_PREFIX)


def is_wanted(deal: JSONDict, choice: OrderChoice) -> bool:
    """Return whether the deal, as it is listed, may hold an order."""
    status = deal.get("status")
    if choice.when is SendsWhen.PHASE:
        return status != LOST and read_id(deal.get("current_phase")) in choice.phases
    if choice.when is SendsWhen.ACCEPTED:
        return status != LOST
    return status == WON


def name_of(deal: JSONDict) -> str:
    return str(deal.get("reference") or deal["id"])


def names(deal: JSONDict, count: int) -> list[str]:
    """Return the names of a deal's orders: "2017/2", "2017/2/2", "2017/2/3"."""
    name = name_of(deal)
    return [name if number == 1 else f"{name}/{number}" for number in range(1, count + 1)]


def possible_names(deal: JSONDict) -> list[str]:
    """Return every name an order of this deal, read in full, may have been sent under."""
    return names(deal, len(quotation_ids(deal)) + NAMES_TRIED)


def parts_of(
    deal: JSONDict, rows: Mapping[str, JSONDict], choice: OrderChoice, known: Mapping[str, Known]
) -> list[Part]:
    """Return everything of a deal that is to be accounted for. `rows` are its quotations as they are listed."""
    own = {key.key: (name, key) for name in possible_names(deal) if (key := known.get(name.casefold()))}
    if code := _no_deal(deal, choice):
        gone = [Part(key, name, code) for key, (name, _one) in own.items()]
        return gone or [Part(f"{DEAL_PREFIX}{deal['id']}", name_of(deal), "skip.filtered", _wanted_words(choice))]
    accepted = accepted_ids(row for row_id in quotation_ids(deal) if (row := rows.get(row_id)))
    estimate = f"{DEAL_PREFIX}{deal['id']}"
    gone = [Part(key, name, "skip.withdrawn") for key, (name, _one) in own.items() if key not in {*accepted, estimate}]
    if estimate in own and (own[estimate][1].is_sent or not accepted):
        late = [Part(key, name, "skip.as_estimate") for key, name in _named(deal, accepted, own)]
        return [Part(estimate, own[estimate][0]), *late, *gone]
    if estimate in own:
        gone.append(Part(estimate, own[estimate][0], "skip.withdrawn"))
    orders = list(_orders(deal, accepted, choice, own))
    return [*orders, *gone] or _without_quotation(deal, choice)


def _orders(
    deal: JSONDict, accepted: Sequence[str], choice: OrderChoice, own: Mapping[str, tuple[str, Known]]
) -> Iterator[Part]:
    takes_new = is_wanted(deal, choice)
    for key, name in _named(deal, accepted, own):
        is_sent = key in own and own[key][1].is_sent
        others = [one for one in accepted if one != key]
        if not takes_new and key not in own:
            yield Part(key, name, "skip.filtered", _wanted_words(choice))
        elif choice.several is Several.NEWEST and key != accepted[-1] and not is_sent:
            yield Part(key, name, "skip.older_quotation")
        elif choice.several is Several.ALL:
            yield Part(key, name)
        else:
            is_rival = [choice.several is Several.ASK or (one in own and own[one][1].is_sent) for one in others]
            yield Part(key, name, rivals=sum(is_rival))


def _named(deal: JSONDict, accepted: Sequence[str], own: Mapping[str, tuple[str, Known]]) -> Iterator[tuple[str, str]]:
    """Yield each with its name: one that had a name keeps it, whatever came or went since."""
    taken = {name for name, _one in own.values()}
    free = iter(name for name in names(deal, len(accepted) + len(taken)) if name not in taken)
    for key in accepted:
        yield key, own[key][0] if key in own else next(free)


def _without_quotation(deal: JSONDict, choice: OrderChoice) -> list[Part]:
    if not is_wanted(deal, choice):
        return [Part(f"{DEAL_PREFIX}{deal['id']}", name_of(deal), "skip.filtered", _wanted_words(choice))]
    if choice.when is SendsWhen.ACCEPTED and deal.get("status") != WON:
        return []  # nothing is agreed yet, and nobody expects it to be sent
    has_value = bool((deal.get("estimated_value") or {}).get("amount"))
    code = "" if choice.takes_estimates and has_value else "skip.no_quotation"
    return [Part(f"{DEAL_PREFIX}{deal['id']}", name_of(deal), code)]


def _no_deal(deal: JSONDict, choice: OrderChoice) -> str:
    """Return why nothing of the deal holds any more, or ""."""
    status = deal.get("status")
    if status == LOST:
        return "skip.lost"
    return "skip.reopened" if status != WON and choice.when in {SendsWhen.WON, SendsWhen.PAID} else ""


def quotation_ids(deal: JSONDict) -> list[str]:
    """Return the quotations that a deal read in full names."""
    return [row["id"] for row in deal.get("quotations") or ()]


def _wanted_words(choice: OrderChoice) -> str:
    return {
        SendsWhen.WON: _("won deals"),
        SendsWhen.PAID: _("won deals"),
        SendsWhen.PHASE: _("deals in a chosen phase"),
        SendsWhen.ACCEPTED: _("deals that are not lost"),
    }[choice.when]
