"""How the runs of a flow behave, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flows.models import Flow
from flows.running.behaviour import MOST, MOST_ERRORS, Behaviour, BehaviourError, behaviour_of, set_behaviour

CLOCK = {"type": "time"}


class BehaviourForm(forms.Form):
    """Every box may stay empty: then there is no limit."""

    start_from = forms.DateField(
        label=_("Read records changed from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("What changed before is left alone. To read it after all, read older records."),
    )
    most_per_run = forms.IntegerField(
        label=_("Records per run"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=_("A run stops after so many and the next one goes on from there. Empty: all."),
    )
    most_errors = forms.IntegerField(
        label=_("Pause after this many records in a row that need you"),
        required=False,
        min_value=1,
        max_value=MOST_ERRORS,
        help_text=_("A fault that every record has is then looked at once. Empty: never."),
    )
    hours_from = forms.TimeField(
        label=_("Runs by itself from"), required=False, widget=forms.TimeInput(attrs=CLOCK, format="%H:%M")
    )
    hours_until = forms.TimeField(
        label=_("until"),
        required=False,
        widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
        help_text=_("Empty: at any hour. What you start by hand runs at once."),
    )

    def __init__(self, flow: Flow, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=asdict(behaviour_of(flow)), prefix="behaviour")
        self.flow = flow

    def save(self) -> bool:
        """Store what was chosen; False, with the error at its field, when it cannot be used."""
        try:
            set_behaviour(self.flow, Behaviour(**self.cleaned_data))
        except BehaviourError as error:
            self.add_error(error.field, str(error))
            return False
        return True
