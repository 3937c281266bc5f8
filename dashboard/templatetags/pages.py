"""Small words of the templates: icons, system tiles, moments, durations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.dates import written
from dashboard.log import masking
from dashboard.marks import Mark, mark_of_connection, mark_of_record
from dashboard.needs import fixes
from dashboard.notifications import problems
from dashboard.words import kind_word, tile_of
from flows.models import RunRecord

register = template.Library()
CONTROLS = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of static/icons.txt; it says nothing by itself, so it is hidden from screen readers."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("vendor/icons.svg"), name
    )


@register.simple_tag
def icon_address(name: str) -> str:
    return f"{static('vendor/icons.svg')}#{name}"


@register.simple_tag
def site_name() -> str:
    """The operator's name for the product, for pages that have no context."""
    return settings.SITE_NAME


@register.simple_tag
def site_address() -> str:
    """Where the operator serves us, whatever address a request came in by."""
    return settings.SITE_URL


@register.inclusion_tag("dashboard/_system.html")
def system(connector: str, size: str = "") -> dict[str, object]:
    """Draw the tile of a system."""
    return {"tile": tile_of(connector), "size": size}


@register.inclusion_tag("dashboard/_direction.html")
def direction(flow: Any) -> dict[str, object]:
    """Draw from which system to which a flow goes."""
    return {"source": flow.source.connector, "target": flow.target.connector}


@register.inclusion_tag("dashboard/_mark.html")
def mark(value: Mark) -> dict[str, object]:
    """Draw a state: icon and word."""
    return {"mark": value}


@register.filter
def record_mark(record: RunRecord) -> Mark:
    return mark_of_record(record.state)


@register.filter
def connection_mark(connection: Any) -> Mark:
    return mark_of_connection(connection)


@register.filter
def system_title(connector: str) -> str:
    return tile_of(connector).title


@register.filter
def word_of_kind(kind: str) -> str:
    return kind_word(kind)


@register.filter
def list_key(record: RunRecord) -> str:
    return masking.list_key(record)


@register.filter
def list_label(record: RunRecord) -> str:
    return masking.list_label(record)


@register.filter
def list_reason(record: RunRecord) -> str:
    """Why a record is where it is, with personal data masked."""
    return fixes.masked_reason_of(record)


@register.filter
def reason(record: RunRecord) -> str:
    return fixes.reason_of(record)


@register.filter
def problem_words(problem: str) -> str:
    """Why a message was not taken."""
    return problems.problem_words(problem)


@register.filter
def moment(value: datetime | None) -> str:
    """Say when: "today 14:20", "18 Nov, 14:20", with the year if it is another one."""
    if value is None:
        return ""
    local, now = timezone.localtime(value), timezone.localtime()
    if local.date() == now.date():
        return _("today %(time)s") % {"time": date_format(local, "H:i")}
    return written(local, "j M, H:i" if local.year == now.year else "j M Y, H:i")


@register.filter
def day(value: datetime | None) -> str:
    """Say which day: "2 Dec", with the year if it is another one."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return written(local, "j M" if local.year == timezone.localdate().year else "j M Y")


@register.filter
def clock(value: datetime | None, with_seconds: bool = True) -> str:
    """Say a moment of today by its time alone, any other as `moment` does."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return (
        date_format(local, "H:i:s" if with_seconds else "H:i")
        if local.date() == timezone.localdate()
        else moment(value)
    )


@register.filter
def duration(value: timedelta | None) -> str:
    """Say how long: 0:09, 14:31, 1:02:03."""
    if value is None:
        return "–"
    minutes, seconds = divmod(max(0, round(value.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def initials(name: str) -> str:
    """The first letters of a name or an address, for the round button."""
    words = name.replace("@", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Draw a form field in our clothes; a wrong one says so to screen readers too."""
    kind = getattr(field.field.widget, "input_type", "")
    css = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}.get(
        kind, "form-control"
    )
    attributes: dict[str, str | bool] = {"class": css}
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.auto_id}_error"}
    return field.as_widget(attrs=attributes)
