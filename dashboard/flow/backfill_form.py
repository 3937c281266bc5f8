"""From which day to which day older records are read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.organizations.zones import zone_of
from flows.models import Flow
from flows.running.backfill import Period, PeriodError, period_of

MOST_EXPECTED = 10_000_000


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BackfillForm(forms.Form):
    """The period, and, when it is started, what the count has found."""

    since = forms.DateField(label=_("Changed from"), widget=_day())
    until = forms.DateField(label=_("Up to and including"), widget=_day())
    expected = forms.IntegerField(required=False, min_value=0, max_value=MOST_EXPECTED)
    period: Period

    def __init__(self, flow: Flow, data: Mapping[str, Any] | None = None) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"since": today.replace(day=1), "until": today})
        self.flow = flow
        for name in ("since", "until"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("since") and values.get("until"):
            try:
                self.period = period_of(
                    values["since"], values["until"], today=timezone.localdate(), zone=zone_of(self.flow.organization)
                )
            except PeriodError as error:
                self.add_error(error.field, str(error))
        return values
