"""Sales orders: won deals with their accepted quotations, put together from five kinds of records.

"orders" of this API are purchase orders without a customer; what a customer agreed to are the lines of a quotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.errors import NotFound, RecordError
from connectors.base import FieldInfo, Omitted, Page, ReadRecord, SourceRecord, Unreadable, Window
from connectors.core import JSONDict
from connectors.teamleader.api import OLDEST_CREATED_FIRST, FocusSource
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.customers import read_raw_customers
from connectors.teamleader.fields import ORDER_FIELDS, custom_source_fields
from connectors.teamleader.lookups import tax_rates_by_id
from connectors.teamleader.paging import Place, is_before, latest_change, list_numbered
from connectors.teamleader.read_lines import product_ids, tax_ids
from connectors.teamleader.read_order import WON, accepted_ids, read_order, references
from connectors.teamleader.read_values import SYSTEM, read_id, read_moment, write_moment

AT_ONCE = 8  # deals: about three calls each, about what the limit allows in one go
DEAL_PREFIX = "deal:"
CUSTOMER_PARTS = ("company", "contact", "contact_person")
DEFAULT_ZONE = "Europe/Brussels"


class OrderSource(FocusSource):
    """One order for each accepted quotation of a won deal; its key is the quotation's id.

    The list holds deals of every state: one that stops being won during the read would leave a list of won deals,
    and the first deal of the next page would move to a page that was read already.
    """

    kind = "orders"
    title = gettext_lazy("Orders")

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start="deals")
        seen_until = None
        if not place.pending:
            where = {"updated_since": write_moment(window.since)} if window.since else {}
            rows, place = list_numbered(self.focus, place, where=where, sort=OLDEST_CREATED_FIRST)
            seen_until = latest_change(rows)
            won = [row["id"] for row in rows if row.get("status") == WON and is_before(row, window.until)]
            place = replace(place, pending=tuple(won))
        ids, place = place.take(AT_ONCE)
        return Page(tuple(self._read_deals(ids)), None if place.is_end else place.to_json(), seen_until)

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read orders by the id of the quotation, or all orders of a deal by "deal:<id>"."""
        deal_ids = [key.removeprefix(DEAL_PREFIX) for key in keys if key.startswith(DEAL_PREFIX)]
        quotation_ids = [key for key in keys if not key.startswith(DEAL_PREFIX)]
        quotations = self.focus.by_ids("quotations", quotation_ids)
        of_quotations = [quotation["deal"]["id"] for quotation in quotations.values()]
        read = self._read_deals(list(dict.fromkeys((*deal_ids, *of_quotations))))
        asked = [row for row in read if row.key in keys or _deal_id(row) in deal_ids]
        got = {row.key for row in asked}
        missing = [key for key in quotation_ids if key not in got]
        return [*asked, *(_missing(key, is_there=key in quotations) for key in missing)]

    def parse(self, raw: JSONDict) -> SourceRecord:
        order = read_order(raw)
        moments = (read_moment(raw[part].get("updated_at")) for part in ("deal", "quotation"))
        modified_at = max((moment for moment in moments if moment), default=None)
        label = " · ".join(part for part in (order.title, order.customer.name if order.customer else "") if part)
        return SourceRecord(order.key, order.number, order, raw, modified_at, label)

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        parts = {name: record.raw[name] for name in CUSTOMER_PARTS if record.raw.get(name)}
        if kind != "customers" or not (parts.get("company") or parts.get("contact")):
            return None
        return self.connector.source(kind).parse(parts)

    def fields(self) -> list[FieldInfo]:
        definitions = load_definitions(self.focus, "deal")
        return [*ORDER_FIELDS, *custom_source_fields(definitions, prefix="custom_fields")]

    def _read_deals(self, deal_ids: Sequence[str]) -> list[ReadRecord]:
        deals = self.focus.infos("deals", deal_ids)
        won = [deal for deal in deals.values() if not isinstance(deal, RecordError) and deal["status"] == WON]
        quotations = self._accepted_quotations(won)
        raws = iter(self._assemble(won, quotations))
        records: list[ReadRecord] = []
        for deal_id, deal in deals.items():
            key = f"{DEAL_PREFIX}{deal_id}"
            if isinstance(deal, RecordError):
                records.append(_unread(key, key, deal, {}))
            elif deal["status"] != WON:
                records.append(_omitted(deal, "skip.filtered", filter=_("won deals")))
            elif not quotations[deal_id]:
                records.append(_omitted(deal, "skip.no_quotation"))
            else:
                records.extend(self._record(next(raws)) for _quotation in quotations[deal_id])
        return records

    def _accepted_quotations(self, deals: Sequence[JSONDict]) -> dict[str, dict[str, JSONDict | RecordError]]:
        """Return the accepted quotations of each deal in full, oldest first."""
        ids = {deal["id"]: [row["id"] for row in deal.get("quotations") or ()] for deal in deals}
        rows = self.focus.by_ids("quotations", [row_id for row_ids in ids.values() for row_id in row_ids])
        accepted = {
            deal_id: accepted_ids(rows[row_id] for row_id in row_ids if row_id in rows)
            for deal_id, row_ids in ids.items()
        }
        infos = self.focus.infos("quotations", [row_id for row_ids in accepted.values() for row_id in row_ids])
        return {deal_id: {row_id: infos[row_id] for row_id in row_ids} for deal_id, row_ids in accepted.items()}

    def _assemble(
        self, deals: Sequence[JSONDict], quotations: dict[str, dict[str, JSONDict | RecordError]]
    ) -> Iterable[JSONDict]:
        """Yield the raw parts of each order; records that several orders share are read once."""
        readable = [row for rows in quotations.values() for row in rows.values() if not isinstance(row, RecordError)]
        buying = [deal for deal in deals if quotations[deal["id"]]]
        customers = read_raw_customers(self.focus, filter(None, (_customer_of(deal) for deal in buying)))
        persons = self.focus.by_ids("contacts", filter(None, (_person_of(deal) for deal in buying)))
        products = self.focus.by_ids("products", [found for row in readable for found in product_ids(row)])
        rates = tax_rates_by_id(self.focus) if readable else {}
        for deal in deals:
            rows = quotations[deal["id"]]
            names = references(deal.get("reference") or deal["id"], len(rows))
            for name, (row_id, row) in zip(names, rows.items(), strict=True):
                raw: JSONDict = {"deal": deal, "reference": name, "time_zone": self._zone()}
                if isinstance(row, RecordError):
                    yield {**raw, "quotation": {"id": row_id}, "error": row}
                    continue
                customer = customers.get(_customer_of(deal) or ("", ""), {})
                if isinstance(customer, RecordError) and not isinstance(customer, NotFound):
                    yield {**raw, "quotation": row, "error": customer}
                    continue
                yield {
                    **raw,
                    "quotation": row,
                    **({} if isinstance(customer, NotFound) else customer),
                    **({"contact_person": persons[person]} if (person := _person_of(deal)) in persons else {}),
                    "products": {found: _code_of(products[found]) for found in product_ids(row) if found in products},
                    "tax_rates": {found: rates[found] for found in tax_ids(row) if found in rates},
                }

    def _record(self, raw: JSONDict) -> ReadRecord:
        error = raw.pop("error", None)
        try:
            if error is not None:
                raise error
            return self.parse(raw)
        except RecordError as problem:
            return _unread(raw["quotation"]["id"], raw["reference"], problem, raw)

    def _zone(self) -> str:
        return str(self.connector.settings.get("time_zone") or DEFAULT_ZONE)


def _customer_of(deal: JSONDict) -> tuple[str, str] | None:
    customer = (deal.get("lead") or {}).get("customer")
    return (customer["type"], customer["id"]) if customer else None


def _person_of(deal: JSONDict) -> str | None:
    return read_id((deal.get("lead") or {}).get("contact_person"))


def _deal_id(record: ReadRecord) -> str:
    return str((record.raw.get("deal") or {}).get("id") or record.key.removeprefix(DEAL_PREFIX))


def _code_of(product: JSONDict) -> JSONDict:
    return {name: product.get(name) for name in ("id", "code", "name")}


def _omitted(deal: JSONDict, code: str, **params: str) -> Omitted:
    name = deal.get("reference") or deal["id"]
    moment = read_moment(deal.get("updated_at"))
    return Omitted(f"{DEAL_PREFIX}{deal['id']}", name, code, {"deal": deal}, params, moment)


def _unread(key: str, natural_key: str, error: RecordError, raw: JSONDict) -> ReadRecord:
    if isinstance(error, NotFound):
        return Omitted(key, natural_key, "skip.deleted", raw, {"system": SYSTEM})
    return Unreadable(key, natural_key, error, raw)


def _missing(key: str, *, is_there: bool) -> Omitted:
    if is_there:
        return Omitted(key, key, "skip.filtered", {}, {"filter": _("accepted quotations of won deals")})
    return Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM})
