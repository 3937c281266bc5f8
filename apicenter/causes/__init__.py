"""The catalogue of causes: for each code one sentence for the customer and what to do about it.

A failure stores its code and parameters; `sentence()` writes it in the reader's language at the moment of reading.
`fix` names the place that solves it: the dashboard turns it into a link. The sentences stand by subject in the files
beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from apicenter.causes.bookings import BOOKINGS
from apicenter.causes.cause import Cause, Fix
from apicenter.causes.connections import CONNECTIONS
from apicenter.causes.files import FILES
from apicenter.causes.mapping import MAPPING
from apicenter.causes.orders import ORDERS
from apicenter.causes.records import RECORDS
from apicenter.causes.remote import REMOTE
from apicenter.causes.running import RUNNING
from apicenter.causes.skipped import SKIPPED
from apicenter.causes.told_back import TOLD_BACK

__all__ = ["CAUSES", "Cause", "Fix", "fix_for", "sentence", "sentence_parts"]

CAUSES: dict[str, Cause] = {
    "internal": Cause(_("Something went wrong on our side with this record. It was not sent."), Fix.SUPPORT),
    **CONNECTIONS,
    **FILES,
    **RUNNING,
    **REMOTE,
    **ORDERS,
    **MAPPING,
    **RECORDS,
    **BOOKINGS,
    **TOLD_BACK,
    **SKIPPED,
}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(code: str, params: Mapping[str, str] | None = None) -> str:
    """Return the cause's sentence in the active language; an unknown code reads as "internal"."""
    cause = CAUSES.get(code, CAUSES["internal"])
    return str(cause.text) % _Blank(params or {})


def sentence_parts(code: str, params: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return what is wrong, without its full stop, and the rest, which says what that means and what to do.

    The text is cut before its parameters are filled in, so a full stop in one of those does no harm.
    """
    first, _stop, rest = str(CAUSES.get(code, CAUSES["internal"]).text).partition(". ")
    values = _Blank(params or {})
    return (first % values).removesuffix("."), rest % values


def fix_for(code: str) -> Fix:
    """Return where this cause is solved."""
    return CAUSES.get(code, CAUSES["internal"]).fix
