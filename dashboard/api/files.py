"""Files in place of a system: uploaded, their columns, their records taken, and what flows wrote downloaded."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import ValidationError as WrongChoices
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.paging import Cursor
from apicenter.api.views import OrganizationViewSet
from connectors import sheets
from connectors.files import BadFile, Choices
from connectors.models import Connection, Sheet
from connectors.sheets import NoFiles
from dashboard.sheets.views import MOST_BYTES, file_response
from flows.models import Run
from flows.triggers.uploads import take_file


class ByUpload(Cursor):
    """Newest first."""

    ordering = ("-uploaded_at", "id")


class SheetSerializer(serializers.ModelSerializer[Sheet]):
    """A sheet of a connection: of each kind one that was uploaded last and one that flows write."""

    class Meta:
        model = Sheet
        fields = [
            "id", "connection", "kind", "side", "name", "row_count", "is_confirmed", "columns", "choices",
            "uploaded_at", "changed_at",
        ]  # fmt: skip
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """A file of products, customers or orders."""

    connection = serializers.UUIDField()
    kind = serializers.CharField(max_length=40)
    file = serializers.FileField(help_text="CSV or XLSX, at most 20 MB.")

    def validate_file(self, file: Any) -> Any:
        if file.size > MOST_BYTES:
            raise BadFile("file.too_large", limit=f"{MOST_BYTES // 1_000_000} MB")
        return file


class TakeSerializer(serializers.Serializer[Any]):
    """Which column is what, and how the file is read; what is left out stays as it was found."""

    columns = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    choices = serializers.DictField(required=False)


class LookSerializer(serializers.Serializer[Any]):
    """How a file is read now, its headings and its first rows."""

    choices = serializers.DictField()
    sheets = serializers.ListField(child=serializers.CharField())
    headers = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class TakenSerializer(serializers.Serializer[Any]):
    """What a file changed, and the runs that read it."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    gone = serializers.IntegerField()
    runs = serializers.ListField(child=serializers.UUIDField())


class UploadedSerializer(serializers.Serializer[Any]):
    """The sheet, and what was taken from it; nothing is, before its columns are confirmed."""

    sheet = SheetSerializer()
    taken = TakenSerializer(allow_null=True)


class FileView(mixins.ListModelMixin, mixins.RetrieveModelMixin, OrganizationViewSet):
    """Files of connections that work with files."""

    scopes = {
        "read": "connections:read",
        "write": "connections:write",
        "look": "records:contents",
        "download": "records:contents",
    }
    serializer_class = SheetSerializer
    pagination_class = ByUpload
    parser_classes = [JSONParser, MultiPartParser]
    queryset: QuerySet[Sheet] = QuerySet(Sheet)  # for the schema; get_queryset is asked for rows

    def get_queryset(self) -> QuerySet[Sheet]:
        return Sheet.objects.select_related("connection", "organization").defer("content")

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: UploadedSerializer})
    def create(self, request: Request) -> Response:
        """Upload a file. One with the headings of the file before is taken at once."""
        sent = UploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        connection = get_object_or_404(Connection.objects.select_related("organization"), pk=values["connection"])
        try:
            sheet = sheets.upload(connection, values["kind"], values["file"].name, values["file"].read())
        except NoFiles as error:
            raise serializers.ValidationError({"kind": [_("This connection takes no such files.")]}) from error
        taken = _take(sheet, sheet.columns, Choices.model_validate(sheet.choices)) if sheet.is_confirmed else None
        answer = {"sheet": SheetSerializer(sheet).data, "taken": taken}
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(request=TakeSerializer, responses=TakenSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Take the records of an uploaded file; flows that read it start."""
        sheet = self.get_object()
        sent = TakeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            choices = Choices.model_validate({**sheet.choices, **sent.validated_data.get("choices", {})})
        except WrongChoices as error:
            raise serializers.ValidationError({"choices": [str(one["msg"]) for one in error.errors()]}) from error
        return Response(_take(sheet, sent.validated_data.get("columns") or sheet.columns, choices))

    @extend_schema(responses=LookSerializer)
    @action(detail=True, methods=["get"])
    def look(self, request: Request, pk: str | None = None) -> Response:
        """Show the headings and the first rows of an uploaded file."""
        found = sheets.look_at(self.get_object())
        return Response(
            {
                "choices": found.choices.model_dump(),
                "sheets": found.sheets,
                "headers": found.headers,
                "rows": found.rows,
            }
        )

    @extend_schema(
        parameters=[OpenApiParameter("as", str, description="xlsx (usual) or csv, of what flows wrote.")],
        responses=OpenApiResponse(OpenApiTypes.BINARY),
    )
    @action(detail=True, methods=["get"])
    def download(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Download what flows wrote, or the file as it was uploaded."""
        try:
            return file_response(self.get_object(), request.query_params.get("as", "xlsx"))
        except NoFiles as error:
            raise serializers.ValidationError({"as": [_("There is no such format.")]}) from error

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Delete a sheet with its records. What was sent stays where it was sent."""
        sheets.remove_sheet(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _take(sheet: Sheet, columns: dict[str, str], choices: Choices) -> dict[str, Any]:
    taken, runs = take_file(sheet, columns, choices, trigger=Run.Trigger.API)
    return {
        "new": taken.new,
        "changed": taken.changed,
        "same": taken.same,
        "gone": taken.gone,
        "runs": [run.pk for run in runs],
    }
