"""Records: the log, what is inside, and what a person would do about one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apicenter.api.failures import Conflict
from apicenter.api.views import OrganizationViewSet
from apicenter.crypto import redact
from dashboard.api.runs import FLOW, uuid_in
from dashboard.log.log_filter import LogFilter
from dashboard.needs.fixes import reason_of
from flows.documents import retired
from flows.documents.entries import entry_of
from flows.engine import rulings
from flows.models import RecordNote, Ruling, RunRecord
from flows.needs import replays
from flows.needs.record_notes import LONGEST, add_note, notes_of
from flows.needs.would_send import would_send

PARAMETERS = [
    FLOW,
    OpenApiParameter("run", str, description="Only of this run."),
    OpenApiParameter("state", str, enum=RunRecord.State.values),
    OpenApiParameter("kind", str, description="Kind of record: products, orders, customers …"),
    OpenApiParameter("cause", str, description="Only held, waiting or skipped for this cause."),
    OpenApiParameter("since", date, description="From this day on (UTC)."),
    OpenApiParameter("until", date, description="Up to this day, included (UTC)."),
    OpenApiParameter("q", str, description="SKU, order number, name, e-mail address, number or id in the target."),
]


class RecordSerializer(serializers.ModelSerializer[RunRecord]):
    """One record in one run."""

    reason = serializers.SerializerMethodField(help_text="Why it is where it is, in one sentence.")

    class Meta:
        model = RunRecord
        fields = [
            "id", "flow", "run", "kind", "source_key", "natural_key", "label", "state", "code", "params", "field",
            "reason", "attempts", "next_at", "modified_at", "target_id", "target_number", "created_at", "finished_at",
            "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reason(self, record: RunRecord) -> str:
        return reason_of(record)


class EntryLineSerializer(serializers.Serializer[Any]):
    """One line of a journal entry: either debit or credit."""

    account = serializers.CharField()
    text = serializers.CharField()
    vat_code = serializers.CharField(allow_null=True)
    debit = serializers.DecimalField(max_digits=None, decimal_places=None)
    credit = serializers.DecimalField(max_digits=None, decimal_places=None)


class EntrySerializer(serializers.Serializer[Any]):
    """A journal entry: what it debits and what it credits come to the same."""

    currency = serializers.CharField()
    total = serializers.DecimalField(max_digits=None, decimal_places=None)
    lines = EntryLineSerializer(many=True)


class ContentsSerializer(serializers.Serializer[Any]):
    """What came, and what was sent and answered. Secrets are blacked out."""

    received = serializers.JSONField(allow_null=True)
    exchange = serializers.JSONField(allow_null=True)
    would_send = serializers.JSONField(
        allow_null=True, help_text="Of a held record that was not sent: the payload as far as it can be made now."
    )
    entry = EntrySerializer(
        allow_null=True, help_text="What was booked in the general ledger, if that is what was sent."
    )


class SentSerializer(serializers.Serializer[Any]):
    """How many records go out again."""

    sent = serializers.IntegerField()


class NoteSerializer(serializers.ModelSerializer[RecordNote]):
    """A note for the team about a record, in whichever run it was read."""

    text = serializers.CharField(max_length=LONGEST)

    class Meta:
        model = RecordNote
        fields = ["id", "record", "who", "text", "created_at"]
        read_only_fields = ["id", "record", "who", "created_at"]


class AnswerSerializer(serializers.Serializer[Any]):
    """What a person decides: send it all the same, leave it as it is, cancel it there."""

    answer = serializers.ChoiceField(choices=Ruling.Answer.choices)


@extend_schema(parameters=PARAMETERS)
class RecordView(mixins.ListModelMixin, mixins.RetrieveModelMixin, OrganizationViewSet):
    """The log, newest first."""

    scopes = {
        "read": "records:read",
        "write": "records:write",
        "contents": "records:contents",
        "notes": "records:contents",
    }
    serializer_class = RecordSerializer
    queryset: QuerySet[RunRecord] = QuerySet(RunRecord)  # for the schema; get_queryset is asked for rows

    def get_queryset(self) -> QuerySet[RunRecord]:
        params = self.request.query_params
        for name in ("flow", "run"):
            uuid_in(params, name)
        state = params.get("state", "")
        if state and state not in RunRecord.State.values:
            raise serializers.ValidationError({"state": "One of: " + ", ".join(RunRecord.State.values)})
        rows = LogFilter.read(self.request._request.GET).log_query.records()
        return rows if self.action == "list" else rows.select_related("organization").defer(None)

    @extend_schema(parameters=[], responses=ContentsSerializer)
    @action(detail=True, methods=["get"])
    def contents(self, request: Request, pk: str | None = None) -> Response:
        """See what came, what was sent and what was answered."""
        record = self.get_object()
        exchange = record.read_exchange()
        told = exchange if isinstance(exchange, dict) else {}
        entry = entry_of(record.flow, told.get("fields") or told.get("sent"))
        shown = EntrySerializer(entry).data if entry else None
        draft = would_send(record) if record.state == RunRecord.State.NEEDS_YOU and not told.get("sent") else None
        return Response(
            {
                "received": redact(record.read_source()),
                "exchange": redact(exchange),
                "would_send": redact(draft.payload) if draft else None,
                "entry": shown,
            }
        )

    @extend_schema(parameters=[], responses=NoteSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def notes(self, request: Request, pk: str | None = None) -> Response:
        """See what the team noted about a record, oldest first."""
        return Response(NoteSerializer(notes_of(self.get_object()), many=True).data)

    @extend_schema(parameters=[], request=NoteSerializer, responses={201: NoteSerializer})
    @notes.mapping.post
    def write_note(self, request: Request, pk: str | None = None) -> Response:
        """Write a note about a record, of at most 1000 characters."""
        record = self.get_object()
        asked = NoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        note = add_note(record, asked.validated_data["text"])
        return Response(NoteSerializer(note).data, status=201)

    @extend_schema(parameters=[], request=None, responses=SentSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str | None = None) -> Response:
        """Send a record that needs a person again, planned afresh, with everything that waits behind it."""
        sent = replays.replay(RunRecord.objects.filter(pk=self.get_object().pk))
        if not sent:
            raise Conflict(_("This record does not need anybody."), code="record_not_held")
        return Response({"sent": sent})

    @extend_schema(parameters=[], request=AnswerSerializer, responses=SentSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str | None = None) -> Response:
        """Decide what becomes of a record whose cause leaves it to a person; it is planned afresh with that."""
        record = self.get_object()
        asked = AnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            sent = rulings.rule(record, asked.validated_data["answer"])
        except replays.NotAChoice as error:
            raise Conflict(_("This cannot be answered for this record."), code="not_a_choice") from error
        return Response({"sent": sent})

    @extend_schema(parameters=[], request=None, responses=RecordSerializer)
    @action(detail=True, methods=["post"], url_path="delete-there")
    def delete_there(self, request: Request, pk: str | None = None) -> Response:
        """Delete in the target what a record became whose source is no longer sold. It does not come back."""
        record = self.get_object()
        if record.state != RunRecord.State.NEEDS_YOU or record.code != retired.RETIRED:
            raise Conflict(_("This record does not need anybody."), code="record_not_held")
        done = retired.delete_there(record.flow, [record], who=self.token.name)
        if done.problem:
            raise Conflict(done.problem, code="record_not_deleted")
        return Response(RecordSerializer(record).data)

    @extend_schema(parameters=[], request=None, responses=RecordSerializer)
    @action(detail=True, methods=["post"], url_path="set-aside")
    def set_aside(self, request: Request, pk: str | None = None) -> Response:
        """Take a record off the list without sending it."""
        record = self.get_object()
        if record.state != RunRecord.State.NEEDS_YOU:
            raise Conflict(_("This record does not need anybody."), code="record_not_held")
        if record.code == retired.RETIRED:
            retired.keep(record.flow, [record], who=self.token.name)
        else:
            replays.set_aside(record, who=self.token.name)
        return Response(RecordSerializer(record).data)

    @extend_schema(parameters=[], request=None, responses=RecordSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str | None = None) -> Response:
        """Have a record that was set aside need somebody again, for the reason it had."""
        record = self.get_object()
        if not replays.take_back(RunRecord.objects.filter(pk=record.pk)):
            raise Conflict(_("This record was not set aside, or it was decided otherwise since."), code="not_aside")
        record.refresh_from_db()
        return Response(RecordSerializer(record).data)

    @extend_schema(parameters=[], request=None, responses=RecordSerializer)
    @action(detail=True, methods=["post"], url_path="forget-link")
    def forget_link(self, request: Request, pk: str | None = None) -> Response:
        """Give up a pair whose record is gone in the target (cause `drift.target_gone`); `send` makes it again."""
        record = self.get_object()
        if not replays.forget_links([record], who=self.token.name):
            raise Conflict(_("This record does not need anybody."), code="record_not_held")
        return Response(RecordSerializer(record).data)
