"""The store that a connector without a network works with: sheets of one connection in the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apicenter.crypto import Vault
from connectors.core import JSONDict
from connectors.files import Batch, Kept, SheetFacts, Side, Store
from connectors.models import Connection
from connectors.sheet_models import Sheet, SheetRow
from connectors.threads import on_owner

R = TypeVar("R")


def digest_of(content: JSONDict) -> str:
    """Return what tells whether a record is as it was; the line it stands in is no part of it."""
    text = json.dumps(_without_lines(content), sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_lines(inner) for name, inner in value.items() if name != "line"}
    return [_without_lines(one) for one in value] if isinstance(value, list) else value


class DatabaseStore(Store):
    """Every query runs on the thread that owns the database, whichever thread of a crew asks."""

    def __init__(self, connection: Connection) -> None:
        self.id = connection.pk
        self.name = connection.name
        self._connection = connection

    @property
    def _vault(self) -> Vault:
        return self._connection.organization.vault

    def facts(self, kind: str, side: Side) -> SheetFacts | None:
        sheet = self._ask(lambda: self._find(kind, side))
        return None if sheet is None else SheetFacts(sheet.name, sheet.row_count, sheet.facts)

    def batch(
        self,
        kind: str,
        side: Side,
        position: JSONDict | None,
        *,
        size: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Batch:
        def read() -> list[SheetRow]:
            rows = self._rows(kind, side, since=since, until=until)
            if position:
                at = datetime.fromisoformat(position["at"])
                rows = rows.filter(Q(changed_at__gt=at) | Q(changed_at=at, pk__gt=position["id"]))
            return list(rows.order_by("changed_at", "pk")[:size])

        rows = self._ask(read)
        last = rows[-1] if len(rows) == size else None
        following = {"at": last.changed_at.isoformat(), "id": str(last.pk)} if last else None
        return Batch(tuple(map(self._kept, rows)), following)

    def count(self, kind: str, side: Side, *, since: datetime | None = None, until: datetime | None = None) -> int:
        return self._ask(lambda: self._rows(kind, side, since=since, until=until).count())

    def fetch(self, kind: str, side: Side, keys: Sequence[str]) -> dict[str, Kept]:
        rows = self._ask(lambda: list(self._rows(kind, side).filter(key__in=keys)))
        return {row.key: self._kept(row) for row in rows}

    def get(self, kind: str, record_id: str) -> Kept | None:
        return self._one(kind, pk=record_id)

    def by_reference(self, kind: str, reference: str) -> Kept | None:
        return self._one(kind, reference=reference)

    def put(self, kind: str, key: str, content: JSONDict, *, reference: str) -> Kept:
        def write() -> SheetRow:
            with transaction.atomic():
                sheet = self._sheet_to_write(kind)
                row = sheet.rows.filter(reference=reference).first() or sheet.rows.filter(key=key).first()
                is_new = row is None
                row = row or SheetRow(sheet=sheet, key=key)
                row.reference = reference
                self._fill(sheet, row, content)
                if is_new:
                    Sheet.objects.filter(pk=sheet.pk).update(row_count=F("row_count") + 1)
                return row

        return self._kept(self._ask(write))

    def change(self, kind: str, record_id: str, content: JSONDict, *, key: str = "") -> Kept | None:
        def write() -> SheetRow | None:
            with transaction.atomic():
                row = self._rows(kind, Side.WRITTEN).filter(pk=record_id).select_related("sheet").first()
                if row is not None:
                    if key and not row.sheet.rows.filter(key=key).exists():
                        row.key = key
                    self._fill(row.sheet, row, content)
                return row

        row = self._ask(write)
        return None if row is None else self._kept(row)

    def remove(self, kind: str, record_id: str) -> None:
        def delete() -> None:
            with transaction.atomic():
                sheet = self._sheet_to_write(kind)
                gone, _by_model = sheet.rows.filter(pk=record_id).delete()
                changes = {"row_count": F("row_count") - gone, "changed_at": timezone.now()}
                Sheet.objects.filter(pk=sheet.pk).update(**changes)

        self._ask(delete)

    def _fill(self, sheet: Sheet, row: SheetRow, content: JSONDict) -> None:
        row.content = self._vault.seal(content, place=SheetRow.CONTENT_PLACE, row_id=row.pk)
        row.digest, row.changed_at = digest_of(content), timezone.now()
        row.save()
        Sheet.objects.filter(pk=sheet.pk).update(changed_at=row.changed_at)

    def _sheet_to_write(self, kind: str) -> Sheet:
        sheet, _made = Sheet.objects.get_or_create(
            connection=self._connection, kind=kind, side=Side.WRITTEN, defaults={"is_confirmed": True}
        )
        return sheet

    def _find(self, kind: str, side: Side) -> Sheet | None:
        return Sheet.objects.filter(connection=self._connection, kind=kind, side=side).defer("content").first()

    def _one(self, kind: str, **by: Any) -> Kept | None:
        row = self._ask(lambda: self._rows(kind, Side.WRITTEN).filter(**by).first())
        return None if row is None else self._kept(row)

    def _rows(
        self, kind: str, side: Side, *, since: datetime | None = None, until: datetime | None = None
    ) -> QuerySet[SheetRow]:
        rows = SheetRow.objects.filter(sheet__connection=self._connection, sheet__kind=kind, sheet__side=side)
        rows = rows.filter(changed_at__gte=since) if since else rows
        return rows.filter(changed_at__lt=until) if until else rows

    def _kept(self, row: SheetRow) -> Kept:
        content = self._vault.open(row.content, place=SheetRow.CONTENT_PLACE, row_id=row.pk) or {}
        return Kept(str(row.pk), row.key, row.line, content, row.changed_at, row.reference)

    def _ask(self, question: Callable[[], R]) -> R:
        return on_owner(question)
