"""The function that looks something up in the other system. It only says what is asked: a value, and where.

The engine answers all questions of a page beforehand, in bulk (flows/maps/look_ups.py); mapping takes the answer in the
place of the question. So a map stays pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from flows.transforms.registry import transform

LOOK_UP = "look_up"
CODE, NAME, ID = "code", "name", "id"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which field (`give`) of what is found for `key` in a list or kind of record (`where`)."""

    where: str
    give: str
    key: str

    @property
    def name(self) -> str:
        """One text for it, under which the answer travels with the record."""
        return f"{self.where}|{self.give}|{self.key}"

    def __str__(self) -> str:
        return _("what is found for “%(key)s”") % {"key": self.key}


Where = Annotated[str, Field(min_length=1, max_length=80)]
Give = Annotated[str, Field(min_length=1, max_length=200)]


@transform(example=("bpost", {"where": "carriers", "give": "code"}, Asked("carriers", "code", "bpost")))
def look_up(value: str, *, where: Where, give: Give = CODE) -> Asked | None:
    """Find the value in a list or among the records of the other system, and take a field of what is found."""
    key = value.strip()
    return Asked(where, give, key) if key else None
