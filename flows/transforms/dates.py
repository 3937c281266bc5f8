"""Functions on dates. A time zone is always named; nothing depends on the clock or place of the server."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from flows.transforms.registry import transform
from flows.transforms.values import failed

TOKENS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
CLOCK_OF_A_DAY = {"HH": "00", "mm": "00", "ss": "00"}
_TOKEN = re.compile("|".join(TOKENS))
Days = Annotated[int, Field(ge=-40_000, le=40_000)]
Months = Annotated[int, Field(ge=-1_200, le=1_200)]


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(_("there is no time zone of this name")) from error
    return name


def _check_format(text: str) -> str:
    if "%" in text or not _TOKEN.search(text):
        raise ValueError(_("use YYYY, YY, MM, DD, HH, mm and ss"))
    return text


Zone = Annotated[str, Field(max_length=64), AfterValidator(_check_zone)]
Format = Annotated[str, Field(max_length=40), AfterValidator(_check_format)]


def _day(value: date) -> dict[str, str]:
    year = f"{value.year:04}"
    return {"YYYY": year, "YY": year[2:], "MM": f"{value.month:02}", "DD": f"{value.day:02}"}


def _strf(form: str) -> str:
    return _TOKEN.sub(lambda match: TOKENS[match.group()], form)


@transform(example=("2026-11-22T23:30:00Z", {"zone": "Europe/Brussels"}, date(2026, 11, 23)))
def local_date(value: datetime, *, zone: Zone) -> date:
    """Take the day a moment falls on in a time zone."""
    return value.astimezone(ZoneInfo(zone)).date()


@transform(example=("2026-11-22T12:00:00Z", {"zone": "Europe/Oslo"}, "2026-11-22T13:00:00+01:00"))
def to_zone(value: datetime, *, zone: Zone) -> str:
    """Write a moment in another time zone."""
    return value.astimezone(ZoneInfo(zone)).isoformat()


@transform(example=("31/12/2026", {"form": "DD/MM/YYYY"}, date(2026, 12, 31)))
def read_date(value: str, *, form: Format) -> date:
    """Read a text as a date, written like DD/MM/YYYY."""
    try:
        return datetime.strptime(value.strip()[:60], _strf(form)).date()
    except ValueError as error:
        raise failed(_("“%(text)s” is not written as %(form)s") % {"text": value[:40], "form": form}) from error


@transform(example=("2026-12-31", {"form": "DD.MM.YY"}, "31.12.26"))
def format_date(value: date, *, form: Format) -> str:
    """Write a date as text, like DD.MM.YYYY."""
    parts = {
        "YYYY": f"{value.year:04}",
        "YY": f"{value.year % 100:02}",
        "MM": f"{value.month:02}",
        "DD": f"{value.day:02}",
    }
    return _TOKEN.sub(lambda match: parts.get(match.group(), "00"), form)


@transform(example=("2026-11-22T12:00:00Z", {"form": "DD/MM/YYYY HH:mm", "zone": "Europe/Oslo"}, "22/11/2026 13:00"))
def format_moment(value: datetime, *, form: Format, zone: Zone) -> str:
    """Write a date with its time as text, in a time zone."""
    local = value.astimezone(ZoneInfo(zone))
    clock = {"HH": f"{local.hour:02}", "mm": f"{local.minute:02}", "ss": f"{local.second:02}"}
    day = {
        "YYYY": f"{local.year:04}",
        "YY": f"{local.year % 100:02}",
        "MM": f"{local.month:02}",
        "DD": f"{local.day:02}",
    }
    return _TOKEN.sub(lambda match: {**day, **clock}[match.group()], form)


@transform(example=("2026-12-20", {"days": 14}, date(2027, 1, 3)))
def add_days(value: date, *, days: Days) -> date:
    """Move a date by so many days; a negative number goes back."""
    return value + timedelta(days=days)


@transform(example=("2026-12-31", {"months": 2}, date(2027, 2, 28)))
def add_months(value: date, *, months: Months) -> date:
    """Move a date by so many months; the 31st becomes the last day of a shorter month."""
    years, month = divmod(value.month - 1 + months, 12)
    year = value.year + years
    if not date.min.year <= year <= date.max.year:
        raise failed(_("the result is not a date"))
    return date(year, month + 1, min(value.day, calendar.monthrange(year, month + 1)[1]))


@transform(example=("2026-02-10", {"edge": "end"}, date(2026, 2, 28)))
def month_edge(value: date, *, edge: Literal["start", "end"]) -> date:
    """Take the first or the last day of the month."""
    return value.replace(day=1 if edge == "start" else calendar.monthrange(value.year, value.month)[1])


@transform(example=("2026-12-31", {"part": "year"}, "2026"))
def date_part(value: date, *, part: Literal["year", "month", "day", "week", "weekday", "quarter"]) -> str:
    """Take the year, month, day, week, weekday (1 is Monday) or quarter."""
    _year, week, weekday = value.isocalendar()
    parts = {"year": value.year, "month": value.month, "day": value.day, "week": week, "weekday": weekday}
    return str({**parts, "quarter": (value.month + 2) // 3}[part])
