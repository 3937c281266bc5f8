"""What needs a person, grouped by cause."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.views import OrganizationViewSet
from dashboard.api.records import SentSerializer
from dashboard.needs.cause_groups import CauseGroup, groups_of, open_records
from flows.models import RunRecord
from flows.needs.replays import replay


class CauseSerializer(serializers.Serializer[Any]):
    """One task: a cause with everything it holds back."""

    id = serializers.CharField()
    flow = serializers.UUIDField()
    code = serializers.CharField()
    params = serializers.DictField()
    sentence = serializers.CharField()
    count = serializers.IntegerField()
    since = serializers.DateTimeField()
    records = serializers.ListField(child=serializers.UUIDField())
    behind = serializers.ListField(
        child=serializers.UUIDField(), help_text="Records that wait only for these, and are sent with them."
    )


class NeedsYouView(OrganizationViewSet):
    """Causes, the largest first. Not paged: there are as many as there are decisions to take."""

    scopes = {"read": "records:read", "write": "records:write"}
    serializer_class = CauseSerializer
    pagination_class = None
    lookup_value_regex = "[0-9a-f]{16}"

    @extend_schema(responses=CauseSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(CauseSerializer([_cause(group) for group in groups_of(open_records())], many=True).data)

    @extend_schema(request=None, responses=SentSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str | None = None) -> Response:
        """Send all records of a cause again."""
        group = next((group for group in groups_of(open_records()) if group.key == pk), None)
        if group is None:
            raise Http404
        return Response({"sent": replay(RunRecord.objects.filter(pk__in=[record.pk for record in group.records]))})


def _cause(group: CauseGroup) -> dict[str, Any]:
    return {
        "id": group.key,
        "flow": group.flow.pk,
        "code": group.code,
        "params": group.params,
        "sentence": group.title,
        "count": group.count,
        "since": group.since,
        "records": [record.pk for record in group.records],
        "behind": [record.pk for record in group.behind],
    }
