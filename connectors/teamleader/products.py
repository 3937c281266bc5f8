"""Products: read in full, and written by their code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound, OutcomeUnknown, RecordError
from connectors.base import (
    Existing,
    FieldInfo,
    KeyPage,
    Omitted,
    Page,
    ReadRecord,
    Sent,
    SourceRecord,
    Unreadable,
    Window,
    Written,
)
from connectors.core import JSONDict
from connectors.maps import FieldMap, OnError, ResourceMap, Step, When
from connectors.teamleader.api import FocusSource, FocusTarget
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.fields import (
    PRODUCT_FIELDS,
    PRODUCT_TARGETS,
    STOCK_TARGET,
    custom_source_fields,
    custom_target_fields,
)
from connectors.teamleader.lookups import default_department
from connectors.teamleader.paging import Place, count_listed, is_before, latest_change, list_keys, list_numbered
from connectors.teamleader.product_payload import (
    complete_money,
    flatten_product,
    incomplete_money,
    product_body,
)
from connectors.teamleader.read_product import read_product
from connectors.teamleader.read_values import SYSTEM, find_moment, write_moment

AT_ONCE = 20  # a call each: about what the limit allows in one go
CLOCKS_DIFFER = timedelta(days=1)  # ours may be wrong; a code that stood there before would have been paired

PRODUCT_MAP = ResourceMap(
    fields=(
        FieldMap(target="code", source="sku", steps=(Step(fn="trim"),), required=True),
        FieldMap(target="name", source="name", steps=(Step(fn="trim"),), required=True),
        FieldMap(
            target="description",
            source="long_text",
            steps=(Step(fn="html_to_markdown"),),
            when=When.ON_CREATE,
            on_error=OnError.EMPTY,
        ),
        FieldMap(target="selling_price.amount", source="price.amount"),
        FieldMap(target="selling_price.currency", source="price.currency", steps=(Step(fn="upper"),)),
        FieldMap(target="tax_rate_id", source="vat_code", table="vat"),
        FieldMap(target="unit_of_measure_id", source="unit", table="unit", on_error=OnError.EMPTY),
        FieldMap(
            target="product_category_id",
            source="category",
            table="category",
            when=When.ON_CREATE,
            on_error=OnError.EMPTY,
        ),
    )
)


class ProductSource(FocusSource):
    """Products with what only a full read shows: prices, VAT, category, custom fields."""

    kind = "products"
    title = _("Products")
    standard_fields = PRODUCT_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start="products")
        seen_until = None
        if not place.pending:
            where = {"updated_since": write_moment(window.since)} if window.since else {}
            rows, place = list_numbered(self.focus, place, where=where, stubs=True)
            seen_until = latest_change(rows)
            place = replace(place, pending=tuple(row["id"] for row in rows if is_before(row, window.until)))
        ids, place = place.take(AT_ONCE)
        return Page(tuple(self.fetch(ids)), None if place.is_end else place.to_json(), seen_until)

    def counts(self, window: Window) -> Iterator[int]:
        return count_listed(self.focus, "products", window)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        return [self._record(key, product) for key, product in self.focus.infos("products", keys).items()]

    def keys(self, position: Any | None) -> KeyPage:
        rows, place = list_keys(self.focus, position, start="products")
        return KeyPage(rows, None if place.is_end else place.to_json())

    def parse(self, raw: JSONDict) -> SourceRecord:
        product = read_product(raw)
        moment = find_moment(raw["product"].get("updated_at"))
        return SourceRecord(raw["product"]["id"], product.sku, product, raw, moment, product.name)

    def fields(self) -> list[FieldInfo]:
        definitions = load_definitions(self.focus, "product")
        return [*PRODUCT_FIELDS, *custom_source_fields(definitions, prefix="attributes")]

    def _record(self, key: str, product: JSONDict | RecordError) -> ReadRecord:
        if isinstance(product, NotFound):
            return Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM})
        if isinstance(product, RecordError):
            return Unreadable(key, key, product, {})
        raw = {"product": product}
        try:
            return self.parse(raw)
        except RecordError as error:
            moment = find_moment(product.get("updated_at"))
            return Unreadable(key, product.get("code") or product.get("name") or key, error, raw, moment)


class ProductTarget(FocusTarget):
    """Products by code. The API neither refuses a second product with the same code nor offers an exact search."""

    kind = "products"
    title = _("Products")
    natural_key = "code"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = PRODUCT_TARGETS
    default_map = PRODUCT_MAP
    can_delete = can_list = True
    finders = ("code",)

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        body = product_body(
            payload, definitions=self._definitions_for(payload), department_id=self._department, is_new=True
        )
        if incomplete_money(body):
            body = complete_money(body, {}, currency=self._currency)
            body = {name: value for name, value in body.items() if value is not None}
        answer = self.focus.post("products.add", body, is_create=True)
        data = answer.body.get("data") if isinstance(answer.body, dict) else None
        if not isinstance(data, dict) or not data.get("id"):
            raise OutcomeUnknown(detail="products.add: no id in the answer", system=SYSTEM)
        return Written(id=data["id"], number=body.get("code") or "", answer=answer.body, sent=body)

    def update(self, target_id: str, payload: JSONDict) -> Written:
        body = product_body(
            payload, definitions=self._definitions_for(payload), department_id=self._department, is_new=False
        )
        if incomplete_money(body):
            body = complete_money(body, self.read(target_id), currency=self._currency)
        body = {"id": target_id, **body}
        answer = self.focus.post("products.update", body)
        return Written(id=target_id, number=body.get("code") or "", answer=answer.body, sent=body)

    def delete(self, target_id: str) -> None:
        self.focus.post("products.delete", {"id": target_id})

    def read(self, target_id: str) -> JSONDict:
        return flatten_product(self.focus.info("products", target_id))

    def index_page(self, position: Any | None) -> tuple[list[Existing], Any | None]:
        place = Place.at(position, start="products")
        rows, place = list_numbered(self.focus, place, where={})
        return [_existing(row) for row in rows], None if place.is_end else place.to_json()

    def find(self, by: str, value: str) -> list[Existing]:
        if by not in self.finders:
            return super().find(by, value)
        return [_existing(row) for row in self._rows_with_code(value)]

    def find_created(self, sent: Sent) -> list[Written]:
        """Products with the code that was sent, made at the time or later, by a clock that may be wrong."""
        earliest = sent.sent_at - CLOCKS_DIFFER
        code = str(sent.payload.get("code") or sent.natural_key)
        return [
            Written(id=row["id"], number=row.get("code") or "", answer=row)
            for row in self._rows_with_code(code)
            if (added_at := find_moment(row.get("added_at"))) is None or added_at >= earliest
        ]

    def fields(self) -> list[FieldInfo]:
        sample = self.focus.rows("products", size=1)
        has_stock = not sample or "stock" in sample[0]  # accounts without the feature do not show the field
        return [*PRODUCT_TARGETS, *([STOCK_TARGET] if has_stock else []), *custom_target_fields(self._definitions)]

    def _rows_with_code(self, code: str) -> list[JSONDict]:
        """Return the products with exactly this code, or else with the same letters in other case."""
        wanted = code.strip()
        if not wanted:
            return []
        rows = [
            row
            for page in self.focus.pages("products", where={"term": wanted})
            for row in page
            if (row.get("code") or "").strip().casefold() == wanted.casefold()
        ]
        return [row for row in rows if row["code"].strip() == wanted] or rows

    def _definitions_for(self, payload: JSONDict) -> dict[str, JSONDict]:
        return self._definitions if payload.get("custom_fields") else {}

    @cached_property
    def _definitions(self) -> dict[str, JSONDict]:
        return load_definitions(self.focus, "product")

    @cached_property
    def _currency(self) -> str:
        department = default_department(self.focus)
        return str((department or {}).get("currency") or "EUR")

    @property
    def _department(self) -> str:
        return str(self.connector.settings.get("department_id") or "")


def _existing(row: JSONDict) -> Existing:
    return Existing(id=row["id"], natural_key=(row.get("code") or "").strip(), label=row.get("name") or "")
