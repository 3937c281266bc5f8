"""What may be answered to a cause that leaves the choice to a person, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from flows.engine.rulings import ANSWERS
from flows.models import Ruling

WORDS: dict[tuple[str, str], Promise] = {
    ("order.several", "send"): _("Send this one"),
    ("order.changed", "send"): _("Send the change"),
    ("order.changed_there", "send"): _("Overwrite with the change"),
    ("entry.changed", "rebook"): _("Book the reversal and the new entry"),
    ("entry.changed", "cancel"): _("Book the reversal only"),
    ("entry.undone", "rebook"): _("Book the new entry"),
    ("entry.ended", "cancel"): _("Book the reversal"),
    ("totals.differ_after", "leave"): _("Accept it as it is there"),
    ("totals.rates_differ_after", "leave"): _("Accept it as it is there"),
}
ICONS = {"send": "send", "leave": "check", "cancel": "x", "rebook": "refresh"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A button."""

    answer: str
    text: str
    icon: str


def replies_to(code: str) -> list[Reply]:
    """Return the answers to a cause, the nearest first."""
    return [
        Reply(answer, str(WORDS.get((code, answer)) or Ruling.Answer(answer).label), ICONS[answer])
        for answer in ANSWERS.get(code, ())
    ]
