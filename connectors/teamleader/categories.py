"""Product categories: productCategories.list gives all of them in one call; nothing tells when one was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import RecordError
from connectors.base import FieldInfo, Found, KeyPage, Listed, Omitted, Page, ReadRecord, SourceRecord, Window
from connectors.core import Category, JSONDict
from connectors.teamleader.api import FocusSource
from connectors.teamleader.read_values import SYSTEM

CATEGORY_FIELDS = (
    FieldInfo("name", _("Name")),
    FieldInfo("key", _("Id")),
    FieldInfo("counterpart", _("Counterpart")),
)


class CategorySource(FocusSource):
    """All product categories, each time: they are few, and cost one call."""

    kind = "categories"
    title = _("Product categories")
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = CATEGORY_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        return Page(tuple(self.parse(row) for row in self._rows()), None, None)

    def counts(self, window: Window) -> Iterator[int]:
        yield len(self._rows())

    def count(self, window: Window) -> Found | None:
        return Found(len(self._rows()))

    def keys(self, position: Any | None) -> KeyPage:
        return KeyPage(tuple(Listed(row["id"]) for row in self._rows()), None)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        rows = {row["id"]: row for row in self._rows()}
        return [
            self.parse(rows[key]) if key in rows else Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM})
            for key in keys
        ]

    def parse(self, raw: JSONDict) -> SourceRecord:
        category = read_category(raw)
        return SourceRecord(category.key, category.name, category, raw, None, category.name)

    def fields(self) -> list[FieldInfo]:
        return list(CATEGORY_FIELDS)

    def _rows(self) -> list[JSONDict]:
        department = str(self.connector.settings.get("department_id") or "")
        body = {"filter": {"department_id": department}} if department else {}
        rows: list[JSONDict] = self.focus.data("productCategories.list", body)
        return rows


def read_category(raw: JSONDict) -> Category:
    """Return the core category. Raises RecordError for one without a name."""
    if not raw.get("id"):
        raise RecordError("record.unreadable", system=SYSTEM, what="id")
    accounts = (row.get("ledger_account_number") for row in raw.get("ledgers") or ())
    return Category(
        key=raw["id"],
        name=(raw.get("name") or "").strip() or raw["id"],
        ledger_accounts=tuple(str(number) for number in accounts if number),
    )
