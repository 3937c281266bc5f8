"""Value tables: their rows, and the rule for values without one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.paging import Cursor
from apicenter.api.views import OrganizationViewSet
from connectors.maps import NoPair
from dashboard.api.runs import FLOW, uuid_in
from flows.models import ValueRow, ValueTable
from flows.tables.value_tables import RowEdit, save_rows, set_no_pair

MOST_ROWS = 500


class ByName(Cursor):
    """Tables have no time of their own."""

    ordering = ("name", "id")


class RowSerializer(serializers.ModelSerializer[ValueRow]):
    """One pair. A row that is not confirmed, or has no value, pairs nothing yet."""

    class Meta:
        model = ValueRow
        fields = ["key", "value", "key_label", "value_label", "is_confirmed"]
        read_only_fields = fields


class TableSerializer(serializers.ModelSerializer[ValueTable]):
    """A value table. Keys are one text, or two joined by "|"; "*" fits any."""

    rows = RowSerializer(many=True, read_only=True)

    class Meta:
        model = ValueTable
        fields = ["id", "flow", "name", "no_pair", "default", "rows"]
        read_only_fields = fields


class RowEditSerializer(serializers.Serializer[Any]):
    """How a row is to be. An empty value needs `sends_empty`: to send nothing on purpose."""

    key = serializers.CharField(max_length=200)
    value = serializers.CharField(max_length=200, allow_blank=True, default="")
    sends_empty = serializers.BooleanField(default=False)
    key_label = serializers.CharField(max_length=200, allow_blank=True, default="")
    value_label = serializers.CharField(max_length=200, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["value"] and not attrs["sends_empty"]:
            raise serializers.ValidationError({"value": "Give a value, or say sends_empty."})
        return attrs


class RowsEditSerializer(serializers.Serializer[Any]):
    """Rows to store and keys to remove; what is not named stays as it is."""

    rows = RowEditSerializer(many=True, required=False, default=list)
    remove = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)

    def validate_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(rows) > MOST_ROWS:
            raise serializers.ValidationError(f"At most {MOST_ROWS} rows at once.")
        return rows


class NoPairSerializer(serializers.Serializer[Any]):
    """What happens to a value without a row."""

    rule = serializers.ChoiceField([rule.value for rule in NoPair])
    default = serializers.CharField(max_length=200, allow_blank=True, default="")


class TableChangeSerializer(serializers.Serializer[Any]):
    """What a change came to: rows that differ now, and held records that are sent."""

    changed = serializers.IntegerField()
    sent = serializers.IntegerField()
    table = TableSerializer()


@extend_schema(parameters=[FLOW])
class TableView(mixins.ListModelMixin, mixins.RetrieveModelMixin, OrganizationViewSet):
    """Value tables of all flows."""

    scopes = {"read": "flows:read", "write": "flows:write"}
    serializer_class = TableSerializer
    pagination_class = ByName
    queryset: QuerySet[ValueTable] = QuerySet(ValueTable)  # for the schema; get_queryset is asked for rows

    def get_queryset(self) -> QuerySet[ValueTable]:
        rows = ValueTable.objects.select_related("flow").prefetch_related("rows")
        return rows.filter(flow=flow) if (flow := uuid_in(self.request.query_params, "flow")) else rows

    @extend_schema(parameters=[], request=RowsEditSerializer, responses=TableChangeSerializer)
    @action(detail=True, methods=["patch"])
    def rows(self, request: Request, pk: str | None = None) -> Response:
        """Store and remove rows, all or nothing, and send what waited for them."""
        table = self.get_object()
        asked = RowsEditSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        change = save_rows(table, [RowEdit(**row) for row in values["rows"]], removed=values["remove"])
        return self._changed(change.changed, change.sent)

    @extend_schema(parameters=[], request=NoPairSerializer, responses=TableChangeSerializer)
    @action(detail=True, methods=["patch"], url_path="no-pair")
    def no_pair(self, request: Request, pk: str | None = None) -> Response:
        """Choose what happens to a value without a row, and send what the rule solves."""
        table = self.get_object()
        asked = NoPairSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        change = set_no_pair(table, NoPair(values["rule"]), default=values["default"])
        return self._changed(change.changed, change.sent)

    def _changed(self, changed: int, sent: int) -> Response:
        table = self.get_object()  # read again, with the rows as they are now
        return Response({"changed": changed, "sent": sent, "table": TableSerializer(table).data})
