"""How a flow is set: its settings, its schedule, its filter."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import ValidationError as WrongData
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.views import OrganizationViewSet
from flows.flow_settings import Changed, SettingError, change_settings, chosen_settings
from flows.maps.conditions import Condition
from flows.maps.filters import set_filters
from flows.models import Flow
from flows.running.behaviour import Behaviour, BehaviourError, behaviour_of, set_behaviour
from flows.running.schedule import Schedule, ScheduleError, set_schedule
from flows.services import kind_of


class SettingsSerializer(serializers.Serializer[Any]):
    """The flow's typed settings, and the JSON Schema they follow."""

    values = serializers.DictField(help_text="By name; a PATCH keeps those it does not name.")
    schema = serializers.DictField(read_only=True)
    sent = serializers.IntegerField(read_only=True, help_text="Held records that the change lets go out again.")


class ScheduleSerializer(serializers.Serializer[Any]):
    """When the flow runs by itself: one of three, or none of them. Days and hours are the organization's."""

    every_minutes = serializers.IntegerField(required=False, allow_null=True, default=None)
    daily_at = serializers.TimeField(required=False, allow_null=True, default=None, format="%H:%M")
    cron = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    next_run_at = serializers.DateTimeField(read_only=True, allow_null=True)


class BehaviourSerializer(serializers.Serializer[Any]):
    """How the flow's runs behave; null is no limit. Days and hours are the organization's."""

    start_from = serializers.DateField(required=False, allow_null=True, default=None)
    most_per_run = serializers.IntegerField(required=False, allow_null=True, default=None)
    most_errors = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Records in a row that need somebody; then it pauses."
    )
    hours_from = serializers.TimeField(required=False, allow_null=True, default=None, format="%H:%M")
    hours_until = serializers.TimeField(required=False, allow_null=True, default=None, format="%H:%M")


class FilterSerializer(serializers.Serializer[Any]):
    """Which records are sent: {"join": "and" | "or", "rules": [{"field", "op", "value"} or a group]}; null = all."""

    filter = serializers.DictField(allow_null=True)


class FlowSetup(OrganizationViewSet):
    """The part of a flow's addresses that sets it."""

    @extend_schema(methods=["GET"], responses=SettingsSerializer)
    @extend_schema(methods=["PATCH"], request=SettingsSerializer, responses=SettingsSerializer)
    @action(detail=True, methods=["get", "patch"], url_path="settings", url_name="settings")
    def flow_settings(self, request: Request, pk: str | None = None) -> Response:
        """See the settings, or change some; what waited for a setting is sent again."""
        flow: Flow = self.get_object()
        change = self._change_settings(request, flow) if request.method == "PATCH" else None
        return Response(
            {
                "values": chosen_settings(flow).model_dump(mode="json"),
                "schema": kind_of(flow).settings_model.model_json_schema(),
                "sent": change.sent if change else 0,
            }
        )

    def _change_settings(self, request: Request, flow: Flow) -> Changed:
        asked = SettingsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            return change_settings(flow, asked.validated_data["values"])
        except WrongData as error:
            raise serializers.ValidationError({"values": _by_field(error)}) from error
        except SettingError as error:
            raise serializers.ValidationError({"values": str(error)}) from error

    @extend_schema(methods=["GET"], responses=ScheduleSerializer)
    @extend_schema(methods=["PUT"], request=ScheduleSerializer, responses=ScheduleSerializer)
    @action(detail=True, methods=["get", "put"], url_path="schedule", url_name="schedule")
    def flow_schedule(self, request: Request, pk: str | None = None) -> Response:
        """See or choose when the flow runs by itself."""
        flow: Flow = self.get_object()
        if request.method == "PUT":
            asked = ScheduleSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            try:
                set_schedule(flow, Schedule(**asked.validated_data))
            except ScheduleError as error:
                raise serializers.ValidationError(str(error)) from error
        return Response(ScheduleSerializer(flow).data)

    @extend_schema(methods=["GET"], responses=BehaviourSerializer)
    @extend_schema(methods=["PUT"], request=BehaviourSerializer, responses=BehaviourSerializer)
    @action(detail=True, methods=["get", "put"], url_path="behaviour", url_name="behaviour")
    def flow_behaviour(self, request: Request, pk: str | None = None) -> Response:
        """See or choose in which portions and hours the flow runs, and when it gives up."""
        flow: Flow = self.get_object()
        if request.method == "PUT":
            asked = BehaviourSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            try:
                set_behaviour(flow, Behaviour(**asked.validated_data))
            except BehaviourError as error:
                raise serializers.ValidationError({error.field: str(error)}) from error
        return Response(BehaviourSerializer(behaviour_of(flow)).data)

    @extend_schema(methods=["GET"], responses=FilterSerializer)
    @extend_schema(methods=["PUT"], request=FilterSerializer, responses=FilterSerializer)
    @action(detail=True, methods=["get", "put"], url_path="filter", url_name="filter")
    def flow_filter(self, request: Request, pk: str | None = None) -> Response:
        """See or choose which records the flow sends."""
        flow: Flow = self.get_object()
        if request.method == "PUT":
            asked = FilterSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            wanted = asked.validated_data["filter"]
            try:
                set_filters(flow, Condition.model_validate(wanted) if wanted else None)
            except WrongData as error:
                raise serializers.ValidationError({"filter": _by_field(error)}) from error
        return Response({"filter": flow.filters})


def _by_field(error: WrongData) -> dict[str, list[str]]:
    """Return what pydantic says, by dotted name."""
    found: dict[str, list[str]] = {}
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"]) or "non_field_errors"
        text = (
            _("This value is not known here.")
            if problem["type"] == "extra_forbidden"
            else problem["msg"].removeprefix("Value error, ")
        )
        found.setdefault(name, []).append(text)
    return found
