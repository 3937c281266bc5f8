"""From the type of a setting to the box it is answered in."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin

import annotated_types
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic.fields import FieldInfo

from connectors.base import Option
from dashboard.flow_settings.preset_field import PresetField, PresetTable
from dashboard.flow_settings.setting_words import Asking
from dashboard.words import readable_value
from flows.catalog.presets import Preset

LONGEST = 100
DECIMALS = 6


class RankWidget(forms.MultiWidget):
    """A select for each place in the order."""

    input_type = "select"

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        boxes = [("", "–"), *choices]
        super().__init__(
            [
                forms.Select(choices=boxes, attrs={"aria-label": _("Place %(number)s") % {"number": number}})
                for number, _choice in enumerate(choices, start=1)
            ]
        )

    def decompress(self, value: Any) -> list[str]:
        found = list(value or [])
        return [*found, *[""] * (len(self.widgets) - len(found))]


class RankField(forms.MultiValueField):
    """Values in an order; a place may stay empty, a value stands once."""

    def __init__(self, choices: Sequence[tuple[str, str]], **more: Any) -> None:
        places = [forms.ChoiceField(choices=[("", "–"), *choices], required=False) for _place in choices]
        messages = {"required": _("Choose at least one.")}
        super().__init__(places, widget=RankWidget(choices), require_all_fields=False, error_messages=messages, **more)

    def compress(self, data_list: Any) -> list[str]:
        chosen = [value for value in data_list or () if value]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("Choose each of them once."))
        return chosen


def field_for(
    info: FieldInfo,
    asking: Asking,
    texts: Mapping[str, Any],
    *,
    initial: Any,
    options: list[Option] | None,
    items_id: str,
    table: PresetTable | None = None,
) -> forms.Field:
    """Return the box for a setting. `options` is the live list it names, None when that cannot be read now."""
    kind = _plain_type(info.annotation)
    if kind is bool:
        return forms.BooleanField(required=False, **texts)
    if kind is Preset:
        return PresetField(_value_field(asking, initial["value"], options, items_id), table, **texts)
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = [(str(one.value), readable_value(one).capitalize()) for one in kind]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **texts)
    if isinstance(kind, type) and issubclass(kind, int | float | Decimal):
        return _number_field(kind, info, texts)
    if get_origin(kind) in (tuple, list, set, frozenset):
        return _several_field(info, asking, texts, initial, options)
    if asking.list_key:
        return _list_field(asking, texts, str(initial or ""), options)
    return _text_field(asking, items_id, required=info.is_required(), **texts)


def _value_field(asking: Asking, chosen: str, options: list[Option] | None, items_id: str) -> forms.Field:
    """Return the box for the value of a preset."""
    if not asking.list_key:
        return _text_field(asking, items_id, required=False)
    field = _list_field(replace(asking, empty=gettext_lazy("choose")), {}, chosen, options)
    if options is not None and not options:  # the other system has no such list: it is typed
        return _text_field(asking, items_id, required=False)
    return field


def _text_field(asking: Asking, items_id: str, **more: Any) -> forms.Field:
    attributes = {"autocomplete": "off", **({"list": items_id} if asking.is_item else {})}
    return forms.CharField(max_length=LONGEST, widget=forms.TextInput(attrs=attributes), **more)


def _plain_type(annotation: Any) -> Any:
    """Return the type without the None of an optional one."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next((part for part in get_args(annotation) if part is not type(None)), str)
    return annotation


def _number_field(kind: type, info: FieldInfo, texts: Mapping[str, Any]) -> forms.Field:
    bounds: dict[str, Any] = {}
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            bounds["min_value"] = rule.ge
        if isinstance(rule, annotated_types.Le):
            bounds["max_value"] = rule.le
    if issubclass(kind, int):
        return forms.IntegerField(**bounds, **texts)
    return forms.DecimalField(max_digits=12, decimal_places=DECIMALS, **bounds, **texts)


def _several_field(
    info: FieldInfo, asking: Asking, texts: Mapping[str, Any], initial: Any, options: list[Option] | None
) -> forms.Field:
    if asking.ranked:
        known = dict.fromkeys([*asking.ranked, *(initial or ())])
        return RankField([(value, readable_value(value)) for value in known], **texts)
    labels = {one.value: " · ".join(part for part in (one.group, one.label) if part) for one in options or ()}
    usual = () if labels else info.get_default(call_default_factory=True) or ()
    choices = [
        (str(value), labels.get(value) or readable_value(value))
        for value in {**labels, **dict.fromkeys([*usual, *(initial or ())])}
    ]
    return forms.MultipleChoiceField(choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **texts)


def _list_field(asking: Asking, texts: Mapping[str, Any], chosen: str, options: list[Option] | None) -> forms.Field:
    known = {option.value: option.label for option in options or ()}
    kept = {chosen: chosen} if chosen and chosen not in known else {}
    empty = [("", str(asking.empty))] if asking.empty is not None else []
    return forms.ChoiceField(
        choices=[*empty, *kept.items(), *known.items()],
        required=asking.empty is None,
        disabled=options is None,  # what cannot be read cannot be chosen from: it keeps its value
        **texts,
    )
