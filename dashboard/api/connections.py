"""Organization, connections and integrations (pairs of connections with flows between them)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.views import OrganizationViewSet
from apicenter.organizations.models import Organization
from connectors import services
from connectors.base import CheckResult
from connectors.models import Connection
from dashboard.flow.instant_lines import line_of_connection
from dashboard.overview.check_lines import lines_of
from flows.models import Flow
from flows.services import wake_connection


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ["id", "name", "time_zone", "log_days", "created_at"]


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A connection. Credentials are never shown."""

    problem = serializers.CharField(read_only=True, help_text="What is wrong, in one sentence; empty when it works.")

    instant_updates = serializers.SerializerMethodField(
        help_text="Whether the system tells of changes, or why not; empty for one that never does."
    )

    def get_instant_updates(self, connection: Connection) -> str:
        line = line_of_connection(connection, list(connection.flows_out.all()))
        return line.words if line else ""

    class Meta:
        model = Connection
        fields = [
            "id", "connector", "name", "environment", "state", "problem_code", "problem", "problem_at",
            "account_id", "account_name", "instant_updates", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class CheckLineSerializer(serializers.Serializer[Any]):
    """One right that was tried."""

    what = serializers.CharField()
    finding = serializers.ChoiceField(["ok", "warn", "bad"])
    code = serializers.CharField(help_text="Cause from the catalogue, empty when ok.")
    sentence = serializers.CharField()


class CheckSerializer(serializers.Serializer[Any]):
    """How a live check went."""

    connection = ConnectionSerializer()
    checks = CheckLineSerializer(many=True)


class IntegrationSerializer(serializers.Serializer[Any]):
    """Two connections with the flows between them."""

    id = serializers.CharField()
    environment = serializers.CharField()
    connections = ConnectionSerializer(many=True)
    flows = serializers.ListField(child=serializers.UUIDField())


class OrganizationView(OrganizationViewSet):
    """The organization of the token."""

    scopes = {"read": "connections:read"}
    serializer_class = OrganizationSerializer

    @extend_schema(responses=OrganizationSerializer, operation_id="organization_retrieve")
    def retrieve(self, request: Request) -> Response:
        return Response(OrganizationSerializer(self.token.organization).data)


class ConnectionView(mixins.ListModelMixin, mixins.RetrieveModelMixin, OrganizationViewSet):
    """Connections to the systems."""

    scopes = {"read": "connections:read", "write": "connections:write"}
    serializer_class = ConnectionSerializer
    queryset: QuerySet[Connection] = QuerySet(Connection)  # for the schema; get_queryset is asked for rows

    def get_queryset(self) -> Any:
        return Connection.objects.select_related("organization", "lane")

    @extend_schema(request=None, responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str | None = None) -> Response:
        """Try the connection live, right by right."""
        connection = self.get_object()
        results = services.check(connection)
        connection.refresh_from_db()
        if connection.state == Connection.State.OK:
            wake_connection(connection)
        checks = [_line(result, words.problem) for result, words in zip(results, lines_of(results), strict=True)]
        return Response({"connection": ConnectionSerializer(connection).data, "checks": checks})


class IntegrationView(OrganizationViewSet):
    """Pairs of connections."""

    scopes = {"read": "flows:read"}
    serializer_class = IntegrationSerializer
    pagination_class = None

    @extend_schema(responses=IntegrationSerializer(many=True))
    def list(self, request: Request) -> Response:
        pairs: dict[tuple[str, str], dict[str, Any]] = {}
        for flow in Flow.objects.select_related("source", "target").order_by("created_at"):
            ends = sorted((flow.source, flow.target), key=lambda one: one.created_at)
            key = (str(ends[0].pk), str(ends[1].pk))
            pair = pairs.setdefault(
                key,
                {
                    "id": "_".join(key),
                    "environment": ends[0].environment,
                    "connections": ends,
                    "flows": [],
                },
            )
            pair["flows"].append(flow.pk)
        return Response(IntegrationSerializer(pairs.values(), many=True).data)


def _line(result: CheckResult, sentence: str) -> dict[str, str]:
    return {
        "what": str(result.what),
        "finding": result.finding.value,
        "code": result.code,
        "sentence": sentence,
    }
