"""The readiness lights with the links that put things right."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from apicenter.errors import ApicenterError
from connectors.registry import connector_class
from dashboard.marks import Kind
from dashboard.setup.steps import SetUp, set_up_name
from flows.models import Flow, ValueTable
from flows.setup.readiness import Level, Light, Place, connection_lights, flow_lights

LOOKS: dict[Level, tuple[Kind, str]] = {
    Level.OK: ("ok", "circle-check"),
    Level.WARN: ("warn", "alert-triangle"),
    Level.BAD: ("bad", "alert-circle"),
}


@dataclass(frozen=True, slots=True)
class LightLine:
    """One light as a line of a list."""

    light: Light
    url: str

    @property
    def kind(self) -> Kind:
        return LOOKS[self.light.level][0]

    @property
    def icon(self) -> str:
        return LOOKS[self.light.level][1]

    @property
    def word(self) -> str:
        return {Level.OK: _("good"), Level.WARN: _("to look at"), Level.BAD: _("missing")}[self.light.level]


@dataclass(frozen=True, slots=True)
class LightGroup:
    """The lights of one system or one flow; `lines` is None while they were not looked up."""

    key: str
    title: str
    lines: list[LightLine] | None = None
    problem: str = ""


def groups_of(set_up: SetUp) -> list[LightGroup]:
    """Return what is to be looked at, nothing of it looked up yet."""
    systems = [LightGroup(key, connector_class(key).title) for key in set_up.pair if key in set_up.connections]
    return [*systems, *(LightGroup(str(flow.pk), flow.title) for flow in set_up.asked)]


def light_group(set_up: SetUp, key: str) -> LightGroup | None:
    """Look one group up, live; None for a key that is none of this set-up's."""
    if key in set_up.connections:
        connection = set_up.connections[key]
        lights = connection_lights(connection)
        return LightGroup(key, connector_class(key).title, [LightLine(light, _url(light)) for light in lights])
    flow = next((flow for flow in set_up.asked if str(flow.pk) == key), None)
    if flow is None:
        return None
    try:
        lights = flow_lights(flow)
    except ApicenterError as error:
        return LightGroup(key, flow.title, [], str(error))
    return LightGroup(key, flow.title, [LightLine(light, _url(light, flow)) for light in lights])


def _url(light: Light, flow: Flow | None = None) -> str:
    if light.place is Place.CONNECTION:
        return reverse("dashboard:setup:connection", args=[light.target])
    if flow is None or light.place is None:
        return ""
    address = reverse("dashboard:setup:questions", args=[set_up_name(flow)])
    if light.place is Place.SETTINGS:
        return f"{address}#settings-{flow.pk}"
    table = ValueTable.objects.filter(flow=flow, name=light.target).values_list("pk", flat=True).first()
    return f"{address}#table-{table}" if table else address
