"""The box for a preset: on or off, a value, always or not, a table with what it is read by, and what has no pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from connectors.maps import NoPair

PARTS = {
    "on": "is_on",
    "value": "value",
    "forced": "is_forced",
    "table": "uses_table",
    "source": "source",
    "no_pair": "no_pair",
}


@dataclass(frozen=True, slots=True)
class PresetTable:
    """The value table behind a preset, as its box tells of it."""

    title: str
    sources: Sequence[tuple[str, str]]  # fields it may be read by: (path, title); empty where there is no choice
    pk: Any = None  # None while the flow does not have it yet
    open_rows: int = 0
    rows: int = 0


class PresetWidget(forms.MultiWidget):
    """All parts of a preset; those that do not apply are folded away by the style sheet."""

    is_preset = True

    def __init__(self, boxes: Mapping[str, forms.Widget], table: PresetTable | None) -> None:
        super().__init__(dict(boxes))
        self.parts = list(boxes)
        self.table = table

    def decompress(self, value: Any) -> list[Any]:
        return [(value or {}).get(PARTS[part], "") for part in self.parts]

    def render(self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None) -> SafeString:
        given = dict(attrs or {})
        key = given.pop("id", f"id_{name}")
        values = value if isinstance(value, list) else self.decompress(value)
        parts = {}
        for part, box, one in zip(self.parts, self.widgets, values, strict=True):
            kind = getattr(box, "input_type", "")
            css = {"checkbox": "form-check-input", "select": "form-select"}.get(kind, "form-control")
            drawn = box.render(f"{name}_{part}", one, {**given, "class": css, "id": f"{key}_{part}"}, renderer)
            parts[part] = {"id": f"{key}_{part}", "box": drawn}
        return render_to_string("dashboard/_preset.html", {"parts": parts, "table": self.table})


class PresetField(forms.MultiValueField):
    """Gives the parts of a preset by their names; those that are not asked are left out and keep their value."""

    widget: PresetWidget

    def __init__(self, value: forms.Field, table: PresetTable | None, **more: Any) -> None:
        self.is_unread = value.disabled  # it cannot be chosen from now, and keeps its value
        if self.is_unread:
            value.widget.attrs["disabled"] = True
            value = forms.CharField(required=False, widget=value.widget)
        fields: dict[str, forms.Field] = {
            "on": forms.BooleanField(required=False),
            "value": value,
            "forced": forms.BooleanField(required=False),
        }
        if table is not None:
            fields["table"] = forms.BooleanField(required=False)
            if table.sources:
                fields["source"] = forms.ChoiceField(choices=table.sources, required=False)
            fields["no_pair"] = forms.ChoiceField(choices=_rules(), required=False)
        self.parts = list(fields)
        boxes = {part: field.widget for part, field in fields.items()}
        super().__init__(
            list(fields.values()), widget=PresetWidget(boxes, table), require_all_fields=False, required=False, **more
        )

    def compress(self, data_list: Any) -> dict[str, Any]:
        given = dict(zip((PARTS[part] for part in self.parts), data_list or (), strict=False))
        if self.is_unread:
            given.pop("value", None)
        elif given.get("is_on") and not given.get("value"):
            raise forms.ValidationError(_("Name the value that is used, or switch it off."))
        given["is_forced"] = bool(given.get("is_forced") and given.get("is_on"))
        given["no_pair"] = given.get("no_pair") or NoPair.DEFAULT.value
        return {name: value or "" if name in ("value", "source") else value for name, value in given.items()}


def _rules() -> list[tuple[str, str]]:
    return [
        (NoPair.DEFAULT.value, _("the value above, or nothing")),
        (NoPair.BLOCK.value, _("hold the record back and ask")),
        (NoPair.AS_IS.value, _("send it as it is")),
    ]
