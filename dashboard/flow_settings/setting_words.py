"""How the settings of a flow stand on its page: in groups, in order, and in words.

How each is asked for stands in a file per subject: items, sending, mutations, customers, documents, what comes back.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import Asking as Asking
from dashboard.flow_settings.customer_words import CUSTOMER_ASKINGS
from dashboard.flow_settings.document_words import DOCUMENT_ASKINGS
from dashboard.flow_settings.item_words import ITEM_ASKINGS
from dashboard.flow_settings.mutation_words import MUTATION_ASKINGS
from dashboard.flow_settings.return_words import RETURN_ASKINGS
from dashboard.flow_settings.sending_words import SENDING_ASKINGS
from dashboard.words import SETTINGS, Text, readable_value
from flows.flow_settings import chosen_settings
from flows.maps.field_lists import target_fields
from flows.models import Flow
from flows.services import kind_of
from flows.tables.option_lists import kept_list

CUSTOM_FIELDS = "custom_fields:"
CHOSEN = _("chosen")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
GROUPS: dict[str, Text] = {
    "which": _("What is sent"),
    "trigger": _("Which orders"),
    "after": _("After the transfer"),
    "price": _("Prices"),
    "more": _("More fields"),
    "existing": _("What exists already"),
    "arrival": _("How they arrive"),
    "mutation": _("Financial mutation"),
    "booking": _("What it is booked on"),
    "customer": _("Customers"),
    "back": _("What is written to the deal"),
    "payments": _("How payments are registered"),
    "vat": _("VAT"),
    "payment": _("Payment and currency"),
    "lines": _("Lines and products"),
    "shipping": _("Shipping"),
    "discounts": _("Discounts"),
    "checks": _("Checks before sending"),
    "other": _("Other settings"),
}
ASKINGS: dict[str, Asking] = {
    **ITEM_ASKINGS,
    **SENDING_ASKINGS,
    **MUTATION_ASKINGS,
    **CUSTOMER_ASKINGS,
    **DOCUMENT_ASKINGS,
    **RETURN_ASKINGS,
}


def asking_of(name: str) -> Asking:
    """Return how a setting is asked for; one without words of its own is still asked for."""
    return ASKINGS.get(name, Asking())


def setting_title(name: str) -> str:
    """Return what a setting is called."""
    return str(SETTINGS.get(name, name.replace("_", " ").capitalize()))


def setting_order(name: str) -> tuple[int, int]:
    """Return where a setting stands on the page: by its group, then as they are listed here."""
    known = list(ASKINGS)
    return list(GROUPS).index(asking_of(name).group), known.index(name) if name in ASKINGS else len(known)


def settings_in_order(flow: Flow) -> list[tuple[str, str]]:
    """Return the flow's settings that play a part as pairs of words, in the order of the page."""
    chosen = chosen_settings(flow)
    idle = kind_of(flow).idle_settings(chosen)
    names = sorted((name for name in type(chosen).model_fields if name not in idle), key=setting_order)
    return [(setting_title(name), _words_of(flow, name, getattr(chosen, name))) for name in names]


def _words_of(flow: Flow, name: str, value: object) -> str:
    """Return a value in words; a code of a list goes by its label, if the list was read lately. Asks nobody."""
    asking = asking_of(name)
    if value == "" and asking.empty:
        return str(asking.empty)
    if not (asking.list_name or asking.source_list) or not isinstance(value, str | list | tuple):
        return readable_value(value)
    labels = _labels_of(flow, asking)
    many = [value] if isinstance(value, str) else value
    return readable_value([_label(labels, str(one)) for one in many]) if many else readable_value(value)


def _labels_of(flow: Flow, asking: Asking) -> dict[str, str]:
    source = kept_list(flow.source, asking.source_list) if asking.source_list else None
    target = kept_list(flow.target, asking.list_name) if asking.list_name else None
    own = {
        one.path.rpartition(".")[2]: str(one.title)
        for kind in (kind_of(flow).resources if asking.list_name.startswith(CUSTOM_FIELDS) else ())
        for one in target_fields(flow, kind, is_offline=True).fields
        if one.is_custom
    }
    return own | (source.labels if source else {}) | (target.labels if target else {})


def _label(labels: dict[str, str], code: str) -> str:
    """Return the label of a code; an id that says nothing to anybody is only said to be chosen."""
    return labels.get(code) or (str(CHOSEN) if ID.fullmatch(code) else code)
