"""Flows: what they do, how they are set, and what people do with them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.flow_checks import FlowChecks
from dashboard.api.flow_maps import FlowMaps
from dashboard.api.flow_setup import FlowSetup
from dashboard.api.runs import RunSerializer
from dashboard.flow.instant_lines import line_of_flow
from dashboard.needs.fixes import cause_sentence
from flows import services
from flows.engine.plan import Planned
from flows.lifecycle import rename
from flows.maps.drafts import draft_state
from flows.models import Flow, Run
from flows.reconciling.nightly import set_checked_nightly
from flows.setup.preview import preview
from flows.triggers.instant import set_reacts_at_once

MOST_TRIED = 50
WRITABLE = ("name", "reacts_at_once", "is_checked_nightly")


class FlowSerializer(serializers.ModelSerializer[Flow]):
    """A flow. `cursor` is the largest modification time received by a finished run (UTC)."""

    pause_reason = serializers.CharField(read_only=True)
    map_version = serializers.IntegerField(source="map_version.number", read_only=True, allow_null=True)
    instant_updates = serializers.SerializerMethodField(help_text="Whether the source tells of changes, or why not.")

    def get_instant_updates(self, flow: Flow) -> str:
        return line_of_flow(flow).words

    class Meta:
        model = Flow
        fields = [
            "id", "kind", "name", "source", "target", "state", "pause_code", "pause_reason", "every_minutes",
            "daily_at", "cron", "next_run_at", "reacts_at_once", "instant_updates", "hinted_at", "is_checked_nightly",
            "check_at", "start_from", "cursor", "map_version", "created_at",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in WRITABLE]


class StartSerializer(serializers.Serializer[Any]):
    """What to read. Without dates: what changed since the last run. With `since`: a backfill, which moves no cursor."""

    since = serializers.DateTimeField(required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)
    limit = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs.get("since"), attrs.get("until")
        if until and not since:
            raise serializers.ValidationError({"since": "Needed beside “until”."})
        if since and until and since >= until:
            raise serializers.ValidationError({"until": "Must lie after “since”."})
        return attrs


class TrySerializer(serializers.Serializer[Any]):
    """How many records of the next window to try."""

    limit = serializers.IntegerField(default=20, min_value=1, max_value=MOST_TRIED)
    use_draft = serializers.BooleanField(default=False, help_text="Try the draft of the field maps, not the live ones.")


class TriedSerializer(serializers.Serializer[Any]):
    """What would happen to one record. `payload` needs the scope records:contents."""

    key = serializers.CharField()
    natural_key = serializers.CharField()
    action = serializers.ChoiceField(["create", "update", "unchanged", "skip", "hold"])
    code = serializers.CharField()
    reason = serializers.CharField()
    payload = serializers.DictField(allow_null=True)


class FlowView(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, FlowSetup, FlowMaps, FlowChecks
):
    """Flows between two connections."""

    scopes = {
        "read": "flows:read",
        "write": "flows:write",
        "runs": "runs:write",
        "dry_run": "runs:write",
        "start_check": "runs:write",
    }
    serializer_class = FlowSerializer
    queryset: QuerySet[Flow] = QuerySet(Flow)  # for the schema; get_queryset is asked for rows
    http_method_names = ["get", "head", "options", "post", "patch", "put", "delete"]

    def get_queryset(self) -> Any:
        return Flow.objects.select_related("source", "target", "map_version", "organization")

    @extend_schema(exclude=True)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not kwargs.get("partial"):
            self.http_method_not_allowed(request)
        return super().update(request, *args, **kwargs)

    def perform_update(self, serializer: Any) -> None:
        asked = serializer.validated_data
        flow: Flow = serializer.instance
        set_reacts_at_once(flow, wanted=asked.get("reacts_at_once", flow.reacts_at_once))
        set_checked_nightly(flow, wanted=asked.get("is_checked_nightly", flow.is_checked_nightly))
        try:
            rename(serializer.instance, serializer.validated_data.get("name", serializer.instance.name))
        except ValueError as error:
            raise serializers.ValidationError({"name": "Give it a name that is not too long."}) from error

    @extend_schema(request=None, responses=FlowSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop taking up work. What waits goes on when the flow is resumed."""
        flow = self.get_object()
        services.pause(flow)
        return Response(FlowSerializer(flow).data)

    @extend_schema(request=None, responses=FlowSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        """Go on where the flow stopped."""
        flow = self.get_object()
        services.resume(flow)
        return Response(FlowSerializer(flow).data)

    @extend_schema(request=StartSerializer, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def runs(self, request: Request, pk: str | None = None) -> Response:
        """Start a run, or get the one that is reading already: asking twice makes one run."""
        flow = self.get_object()
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        trigger = Run.Trigger.BACKFILL if values.get("since") else Run.Trigger.API
        run = services.start_run(flow, trigger, is_interactive=True, **values)
        return Response(RunSerializer(run).data, status=202)

    @extend_schema(request=TrySerializer, responses=TriedSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="dry-runs")
    def dry_run(self, request: Request, pk: str | None = None) -> Response:
        """Plan the next records without writing anything to either system."""
        flow = self.get_object()
        asked = TrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        maps = draft_state(flow).maps if asked.validated_data["use_draft"] else None
        planned = preview(flow, limit=asked.validated_data["limit"], maps=maps)
        return Response([_tried(flow, one, self.may("records:contents")) for one in planned])


def _tried(flow: Flow, planned: Planned, with_contents: bool) -> dict[str, Any]:
    change = planned.change
    return {
        "key": change.key,
        "natural_key": change.natural_key,
        "action": change.action.value,
        "code": change.code,
        "reason": cause_sentence(flow, change.code, change.params) if change.code else "",
        "payload": change.payload if with_contents and change.is_write else None,
    }
