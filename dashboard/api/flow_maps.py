"""The field maps of a flow: the live version, the draft, publishing, earlier versions."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.failures import Conflict
from apicenter.api.views import OrganizationViewSet
from flows.maps.changes import stored_maps
from flows.maps.checks import NotPublishable, check_maps
from flows.maps.drafts import DraftMoved, NotMaps, discard, draft_state, set_maps
from flows.maps.versions import NothingToPublish, publish_draft, restore, versions_of
from flows.models import Flow


class DraftSerializer(serializers.Serializer[Any]):
    """The draft. `version` 0 means that nobody has begun one: `maps` are the live ones then."""

    maps = serializers.DictField(
        help_text=(
            "{kind of record: {fields: [{target, source …}], lists: {…}}}. A field may have `cases`, rows of "
            "“only if”: [{when: {join, rules: [{field, op, value}]}, source or constant or neither}]; "
            "the first that fits decides."
        )
    )
    version = serializers.IntegerField(read_only=True)
    changes = serializers.IntegerField(read_only=True, help_text="In how many fields it differs from what is live.")
    problems = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What keeps it from being published, a sentence each."
    )
    expected_version = serializers.IntegerField(
        required=False, write_only=True, help_text="Only while the draft still has this version; 409 otherwise."
    )


class PublishSerializer(serializers.Serializer[Any]):
    """Why the maps change, for the history."""

    note = serializers.CharField(max_length=300)
    expected_version = serializers.IntegerField(required=False)


class VersionSerializer(serializers.Serializer[Any]):
    """One version of the maps and how many records of the log were sent with it."""

    number = serializers.IntegerField(source="version.number")
    note = serializers.CharField(source="version.note")
    author = serializers.CharField(source="version.author", default="", allow_null=True)
    created_at = serializers.DateTimeField(source="version.created_at")
    records = serializers.IntegerField()
    is_live = serializers.BooleanField()
    maps = serializers.DictField(source="version.maps")


class RestoreSerializer(serializers.Serializer[Any]):
    """Which version becomes the next one."""

    number = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class FlowMaps(OrganizationViewSet):
    """The part of a flow's addresses that maps its fields."""

    @extend_schema(methods=["GET"], responses=DraftSerializer)
    @extend_schema(methods=["PUT"], request=DraftSerializer, responses=DraftSerializer)
    @extend_schema(methods=["DELETE"], responses={204: None})
    @action(detail=True, methods=["get", "put", "delete"], url_path="map/draft", url_name="draft")
    def map_draft(self, request: Request, pk: str | None = None) -> Response:
        """See the draft of the field maps, replace it, or throw it away. Nothing is live before it is published."""
        flow: Flow = self.get_object()
        if request.method == "DELETE":
            discard(flow)
            return Response(status=204)
        if request.method == "PUT":
            self._replace(request, flow)
        state = draft_state(flow)
        problems = [str(one) for one in check_maps(flow, state.maps)]
        return Response(
            {
                "maps": stored_maps(state.maps),
                "version": state.version,
                "changes": len(state.changes),
                "problems": problems,
            }
        )

    def _replace(self, request: Request, flow: Flow) -> None:
        asked = DraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        try:
            set_maps(flow, values["maps"], author=self.token.created_by, expected=values.get("expected_version"))
        except NotMaps as error:
            raise serializers.ValidationError({"maps": str(error)}) from error
        except DraftMoved as error:
            raise Conflict(str(error), code="draft_moved") from error

    @extend_schema(request=PublishSerializer, responses={201: VersionSerializer})
    @action(detail=True, methods=["post"], url_path="map/publish", url_name="publish")
    def map_publish(self, request: Request, pk: str | None = None) -> Response:
        """Make the draft the next version; runs use it from then on."""
        flow: Flow = self.get_object()
        asked = PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        try:
            publish_draft(
                flow, note=values["note"], author=self.token.created_by, expected=values.get("expected_version")
            )
        except NothingToPublish as error:
            raise Conflict(str(error), code="nothing_to_publish") from error
        except DraftMoved as error:
            raise Conflict(str(error), code="draft_moved") from error
        except NotPublishable as error:
            raise serializers.ValidationError({"maps": [str(one) for one in error.problems]}) from error
        return Response(VersionSerializer(versions_of(flow)[0]).data, status=201)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="map/versions", url_name="versions", pagination_class=None)
    def map_versions(self, request: Request, pk: str | None = None) -> Response:
        """All versions of the field maps, newest first."""
        return Response(VersionSerializer(versions_of(self.get_object()), many=True).data)

    @extend_schema(request=RestoreSerializer, responses={201: VersionSerializer})
    @action(detail=True, methods=["post"], url_path="map/restore", url_name="restore")
    def map_restore(self, request: Request, pk: str | None = None) -> Response:
        """Make an earlier version live again, as the next one."""
        flow: Flow = self.get_object()
        asked = RestoreSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        number, note = asked.validated_data["number"], asked.validated_data["note"]
        version = flow.map_versions(manager="objects").filter(number=number).first()
        if version is None:
            raise Http404
        try:
            restore(flow, version, author=self.token.created_by, note=note)
        except NotPublishable as error:
            raise serializers.ValidationError({"number": [str(one) for one in error.problems]}) from error
        return Response(VersionSerializer(versions_of(flow)[0]).data, status=201)
