"""Runs and their accounting."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.failures import Conflict
from apicenter.api.views import OrganizationViewSet
from flows.models import Run, Tally
from flows.running.held_up import HoldUp, told
from flows.running.stopping import go_on, request_stop

FLOW = OpenApiParameter("flow", uuid.UUID, description="Only of this flow.")


class TallySerializer(serializers.ModelSerializer[Tally]):
    """read = created + updated + unchanged + skipped + waiting + needs_you, always."""

    class Meta:
        model = Tally
        fields = ["kind", "read", *Tally.BUCKETS]


class HoldUpSerializer(serializers.Serializer[HoldUp]):
    """Something that kept a run from getting on; without `until` it still does."""

    reason = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    times = serializers.IntegerField(help_text="How often in a row.")


class RunSerializer(serializers.ModelSerializer[Run]):
    """One pass of a flow with the sum of every kind of record it read."""

    tallies = TallySerializer(many=True, read_only=True)
    problem = serializers.CharField(read_only=True, help_text="What keeps it from getting on; empty when nothing does.")
    held_up = serializers.SerializerMethodField(help_text="What kept it from getting on, newest first.")
    map_version = serializers.IntegerField(source="map_version.number", read_only=True, allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id", "flow", "trigger", "state", "phase", "since", "until", "limit", "calls_source", "calls_target",
            "problem_code", "problem", "held_up", "map_version", "tallies", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(HoldUpSerializer(many=True))
    def get_held_up(self, run: Run) -> Any:
        return HoldUpSerializer(told(run), many=True).data


@extend_schema(parameters=[FLOW])
class RunView(mixins.ListModelMixin, mixins.RetrieveModelMixin, OrganizationViewSet):
    """Runs, newest first."""

    scopes = {"read": "flows:read", "write": "runs:write"}
    serializer_class = RunSerializer
    queryset: QuerySet[Run] = QuerySet(Run)  # for the schema; get_queryset is asked for rows

    def get_queryset(self) -> QuerySet[Run]:
        rows = Run.objects.select_related("map_version", "flow").prefetch_related("tallies")
        return rows.filter(flow=flow) if (flow := uuid_in(self.request.query_params, "flow")) else rows

    @extend_schema(parameters=[], request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str | None = None) -> Response:
        """Stop once the records under way are done. What was read and not sent yet waits."""
        run = self.get_object()
        if not request_stop(run):
            raise Conflict(_("This run is at its end already."), code="run_not_running")
        return Response(RunSerializer(self.get_object()).data)

    @extend_schema(parameters=[], request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, pk: str | None = None) -> Response:
        """Let a stopped run go on where it stopped."""
        run = self.get_object()
        if not go_on(run):
            raise Conflict(_("This run was not stopped."), code="run_not_stopped")
        return Response(RunSerializer(self.get_object()).data)


def uuid_in(params: Any, name: str) -> uuid.UUID | None:
    """Return an id from the query. Raises ValidationError for one that is none."""
    text = params.get(name, "")
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise serializers.ValidationError({name: "This is not an id."}) from None
