"""Comparisons of a flow's two systems: what they came to, starting one, and what has vanished from the source."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.views import OrganizationViewSet
from dashboard.api.runs import RunSerializer
from flows.models import Binding, Reconciliation
from flows.reconciling.reconciliation import start_check, vanished_of

SHOWN = 30
MOST_VANISHED = 1000


class ComparisonSerializer(serializers.ModelSerializer[Reconciliation]):
    """One comparison. `missing` and `changed` were found and read by its run; `finished_at` is null while it works."""

    class Meta:
        model = Reconciliation
        fields = [
            "run", "started_at", "finished_at", "lists_source", "lists_target", "compared", "target_compared", "older",
            "later", "missing", "changed", "vanished", "target_gone", "left_over",
        ]  # fmt: skip
        read_only_fields = fields


class VanishedSerializer(serializers.ModelSerializer[Binding]):
    """A pair whose record no longer exists in the source."""

    class Meta:
        model = Binding
        fields = ["kind", "source_key", "target_id", "number", "source_gone_at"]
        read_only_fields = fields


class FlowChecks(OrganizationViewSet):
    """The part of a flow's addresses that compares."""

    @extend_schema(responses=ComparisonSerializer(many=True))
    @action(detail=True, methods=["get"])
    def checks(self, request: Request, pk: str | None = None) -> Response:
        """See the last comparisons, newest first."""
        rows: list[Any] = list(Reconciliation.objects.filter(flow=self.get_object()).order_by("-started_at")[:SHOWN])
        return Response(ComparisonSerializer(rows, many=True).data)

    @extend_schema(request=None, responses={202: RunSerializer})
    @checks.mapping.post
    def start_check(self, request: Request, pk: str | None = None) -> Response:
        """Compare both systems now: asking twice makes one comparison."""
        return Response(RunSerializer(start_check(self.get_object())).data, status=202)

    @extend_schema(responses=VanishedSerializer(many=True))
    @action(detail=True, methods=["get"])
    def vanished(self, request: Request, pk: str | None = None) -> Response:
        """See what was sent and no longer exists in the source, latest first, at most a thousand."""
        rows: list[Any] = list(vanished_of(self.get_object())[:MOST_VANISHED])
        return Response(VanishedSerializer(rows, many=True).data)
