"""One setting of a flow as a person is asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
NOT_CHOSEN = _("not chosen")


@dataclass(frozen=True, slots=True)
class Asking:
    """One setting as a person is asked for it."""

    group: str = "other"
    why: Text = ""
    list_name: str = ""  # a reference list of the target to choose from
    source_list: str = ""  # or one of the source
    empty: Promise | None = None  # what it means to leave it open
    is_item: bool = False  # an item of the target, checked there
    is_customer: bool = False  # the number of a customer of the target, checked there
    ranked: tuple[str, ...] = ()  # values to put in order

    @property
    def list_key(self) -> str:
        """What its list goes by among those of both systems, or ""."""
        return f"source:{self.source_list}" if self.source_list else self.list_name
