"""Choosing when a flow runs by itself, and saying it in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apicenter.organizations.zones import zone_of
from flows.models import Flow
from flows.running.schedule import LONGEST_CRON, Schedule, ScheduleError, check_cron, next_times, schedule_of

MINUTES = (5, 15, 30, 60)
DAILY, CRON, BY_HAND = "daily", "cron", "hand"


class ScheduleForm(forms.Form):
    """Every so many minutes, daily at a time, by a cron expression, or by hand."""

    how = forms.ChoiceField(label=gettext_lazy("How often"), widget=forms.RadioSelect)
    at = forms.TimeField(
        label=gettext_lazy("Time of day"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    cron = forms.CharField(
        label=gettext_lazy("Cron expression"),
        required=False,
        max_length=LONGEST_CRON,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "0 6-20 * * 1-5"}),
        help_text=gettext_lazy("Minute, hour, day of the month, month, day of the week."),
    )

    def __init__(self, flow: Flow, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=_initial(schedule_of(flow)))
        self.flow = flow
        minutes = sorted({*MINUTES, *([flow.every_minutes] if flow.every_minutes else [])})
        how = self.fields["how"]
        assert isinstance(how, forms.ChoiceField)
        how.choices = [
            *((str(number), minute_words(number).capitalize()) for number in minutes),
            (DAILY, _("Daily at a time")),
            (CRON, _("At times of your own (cron)")),
            (BY_HAND, _("Only when you start it")),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("how") == DAILY and not values.get("at") and "at" not in self.errors:
            self.add_error("at", _("Choose a time."))
        if values.get("how") == CRON:
            try:
                check_cron(values.get("cron", ""))
            except ScheduleError as error:
                self.add_error("cron", str(error))
        return values

    @property
    def schedule(self) -> Schedule:
        """What was chosen, once the form is valid."""
        how = self.cleaned_data["how"]
        if how == DAILY:
            return Schedule(daily_at=self.cleaned_data["at"])
        if how == CRON:
            return Schedule(cron=self.cleaned_data["cron"])
        return Schedule() if how == BY_HAND else Schedule(every_minutes=int(how))

    @property
    def coming(self) -> list[datetime]:
        """The next three times: of what was chosen, or else of what is stored. None for a wrong choice."""
        if self.is_bound and not self.is_valid():
            return []
        schedule = self.schedule if self.is_bound else schedule_of(self.flow)
        try:
            return next_times(schedule, after=timezone.now(), zone=zone_of(self.flow.organization))
        except ScheduleError:
            return []


def _initial(schedule: Schedule) -> dict[str, Any]:
    how = BY_HAND
    if schedule.cron:
        how = CRON
    elif schedule.daily_at is not None:
        how = DAILY
    elif schedule.every_minutes:
        how = str(schedule.every_minutes)
    return {"how": how, "at": schedule.daily_at, "cron": schedule.cron}


def minute_words(number: int) -> str:
    return ngettext("every minute", "every %(count)s minutes", number) % {"count": number}


def schedule_words(schedule: Schedule) -> str:
    """Say how often: "every 15 minutes", "daily at 06:00", "by cron 0 6 * * 1-5", "when you start it"."""
    if schedule.cron:
        return _("at times of your own (%(cron)s)") % {"cron": schedule.cron}
    if schedule.daily_at is not None:
        return _("daily at %(time)s") % {"time": time_format(schedule.daily_at, "H:i")}
    return minute_words(schedule.every_minutes) if schedule.every_minutes else _("when you start it")
