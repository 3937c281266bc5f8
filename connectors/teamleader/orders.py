"""Sales orders: deals with their accepted quotations, put together from five kinds of records.

"orders" of this API are purchase orders without a customer; what a customer agreed to are the lines of a quotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apicenter.errors import NotFound, RecordError
from connectors.base import (
    FieldInfo,
    Found,
    KeyPage,
    Listed,
    Omitted,
    Page,
    ReadRecord,
    SourceRecord,
    Unreadable,
    Window,
)
from connectors.choice import SendsWhen
from connectors.core import JSONDict
from connectors.teamleader.api import OLDEST_CREATED_FIRST, STUB, FocusApi, FocusSource, problem_of, readable
from connectors.teamleader.custom_fields import load_definitions
from connectors.teamleader.customers import customer_in, read_raw_customers
from connectors.teamleader.deal_choice import (
    NAMES_TRIED,
    WON,
    Part,
    is_wanted,
    names,
    parts_of,
    possible_names,
    quotation_ids,
)
from connectors.teamleader.fields import ORDER_FIELDS, custom_source_fields
from connectors.teamleader.invoices import is_deal_paid
from connectors.teamleader.lookups import tax_rates_by_id
from connectors.teamleader.paging import Place, count_listed, is_before, latest_change, list_numbered
from connectors.teamleader.read_lines import product_ids, tax_ids
from connectors.teamleader.read_order import ACCEPTED, DEAL_PREFIX, read_order
from connectors.teamleader.read_values import SYSTEM, find_moment, read_id, write_moment

AT_ONCE = 8  # deals: about three calls each, about what the limit allows in one go
DEFAULT_ZONE = "Europe/Brussels"


class OrderSource(FocusSource):
    """One order for each accepted quotation of a deal that the flow wants; its key is the quotation's id.

    The list holds deals of every state: one that stops being won during the read would leave a list of won deals,
    and the first deal of the next page would move to a page that was read already. An order that is known from before
    is read again whatever became of its deal.
    """

    kind = "orders"
    title = gettext_lazy("Orders")
    standard_fields = ORDER_FIELDS

    def page(self, window: Window, position: Any | None) -> Page:
        place = Place.at(position, start="deals")
        seen_until = None
        if not place.pending:
            where = {"updated_since": write_moment(window.since)} if window.since else {}
            rows, place = list_numbered(self.focus, place, where=where, sort=OLDEST_CREATED_FIRST, stubs=True)
            seen_until = latest_change(rows)
            place = replace(place, pending=tuple(self._interesting(rows, window)))
        ids, place = place.take(AT_ONCE)
        return Page(tuple(self._read_deals(ids)), None if place.is_end else place.to_json(), seen_until)

    def _interesting(self, rows: Sequence[JSONDict], window: Window) -> Iterator[str]:
        """Yield the deals of a page that hold an order, or held one."""
        listed = [row for row in rows if is_before(row, window.until)]
        others = [row for row in listed if not is_wanted(row, self.wanted.orders) and not row.get(STUB)]
        known = self.known([name for row in others for name in names(row, NAMES_TRIED)]) if others else {}
        for row in listed:
            if (
                row.get(STUB)
                or is_wanted(row, self.wanted.orders)
                or any(name.casefold() in known for name in names(row, NAMES_TRIED))
            ):
                yield row["id"]

    def counts(self, window: Window) -> Iterator[int]:
        return count_listed(self.focus, "deals", window, is_wanted=lambda row: is_wanted(row, self.wanted.orders))

    def count(self, window: Window) -> Found | None:
        """Count deals: what each of them holds is known only once it is read."""
        since = {"updated_since": write_moment(window.since)} if window.since else {}
        if self.wanted.orders.when is SendsWhen.ACCEPTED:
            return None  # a deal does not say whether a quotation of it is accepted
        if self.wanted.orders.when is not SendsWhen.PHASE:
            return self.focus.count("deals", where={"status": [WON], **since})
        found = [
            self.focus.count("deals", where={"phase_id": one, **since}) for one in sorted(self.wanted.orders.phases)
        ]
        return Found(sum(one.count for one in found), is_more=any(one.is_more for one in found))

    def waits(self, records: Sequence[SourceRecord]) -> dict[str, str]:
        """An order that is sent once it is paid waits for that: no change of the deal tells of a payment."""
        if self.wanted.orders.when is not SendsWhen.PAID:
            return {}
        deals = sorted({record.raw["deal"]["id"] for record in records})
        paid = dict(zip(deals, self.api.overlap(partial(is_deal_paid, self.focus), deals), strict=True))
        return {record.key: "order.unpaid" for record in records if not paid[record.raw["deal"]["id"]]}

    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read orders by the id of the quotation, or all orders of a deal by "deal:<id>"."""
        deal_ids = [key.removeprefix(DEAL_PREFIX) for key in keys if key.startswith(DEAL_PREFIX)]
        single = [key for key in keys if not key.startswith(DEAL_PREFIX)]
        quotations = self.focus.parts("quotations", single)
        of_quotations = [quotation["deal"]["id"] for quotation in readable(quotations.values())]
        read = self._read_deals(list(dict.fromkeys((*deal_ids, *of_quotations))))
        asked = [row for row in read if row.key in keys or _deal_id(row) in deal_ids]
        got = {row.key for row in asked}
        missing = [key for key in single if key not in got]
        spoilt = {row.key: row.error for row in read if isinstance(row, Unreadable)}
        return [*asked, *(_missing(key, quotations.get(key), spoilt) for key in missing)]

    def keys(self, position: Any | None) -> KeyPage:
        """List all quotations, with their deals where they are accepted: two calls for a hundred.

        A quotation may be accepted after its deal was won, which changes the deal no more: only this list shows it.
        Where deals without one are orders too, the deals follow, to tell which are still there: a run reads them all.
        """
        place = Place.at(position, start="quotations")
        rows, following = list_numbered(self.focus, place, where={}, stubs=True)
        if place.resource == "deals":
            listed = tuple(Listed(f"{DEAL_PREFIX}{row['id']}", is_wanted=False) for row in rows)
        else:
            accepted = [row["deal"]["id"] for row in rows if row.get("status") == ACCEPTED]
            deals = self.focus.parts("deals", accepted)
            listed = tuple(self._listed(row, deals.get(read_id(row.get("deal")) or "")) for row in rows)
            if following.is_end and self.wanted.orders.takes_estimates:
                following = Place("deals")
        return KeyPage(listed, None if following.is_end else following.to_json())

    def _listed(self, quotation: JSONDict, deal: JSONDict | RecordError | None) -> Listed:
        if quotation.get(STUB) or isinstance(deal, RecordError):  # reading it tells what it is
            return Listed(quotation["id"], find_moment(quotation.get("updated_at")))
        moments = (find_moment((row or {}).get("updated_at")) for row in (deal, quotation))
        changed_at = max((moment for moment in moments if moment), default=None)
        is_order = quotation.get("status") == ACCEPTED and deal is not None and is_wanted(deal, self.wanted.orders)
        return Listed(quotation["id"], changed_at, is_wanted=is_order)

    def parse(self, raw: JSONDict) -> SourceRecord:
        order = read_order(raw)
        parts = (raw.get(part) or {} for part in ("deal", "quotation"))
        modified_at = max((moment for part in parts if (moment := find_moment(part.get("updated_at")))), default=None)
        label = " · ".join(part for part in (order.title, order.customer.name if order.customer else "") if part)
        return SourceRecord(order.key, order.number, order, raw, modified_at, label)

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        parts = customer_in(record.raw) if kind == "customers" else {}
        return self.connector.source(kind).parse(parts) if parts else None

    def fields(self) -> list[FieldInfo]:
        definitions = load_definitions(self.focus, "deal")
        return [*ORDER_FIELDS, *custom_source_fields(definitions, prefix="custom_fields")]

    def _read_deals(self, deal_ids: Sequence[str]) -> list[ReadRecord]:
        deals = self.focus.infos("deals", deal_ids)
        listed = [key for deal in readable(deals.values()) for key in quotation_ids(deal)]
        quotations = self.focus.parts("quotations", listed)
        deals = {key: _whole(deal, quotations) for key, deal in deals.items()}
        whole = readable(deals.values())
        parts = self._parts(whole, {row["id"]: row for row in readable(quotations.values())})
        raws = self._assemble(whole, parts)
        records: list[ReadRecord] = []
        for deal_id, deal in deals.items():
            if isinstance(deal, RecordError):
                key = f"{DEAL_PREFIX}{deal_id}"
                records.append(_unread(key, key, deal, {}))
                continue
            for part in parts[deal_id]:
                records.append(_omitted(deal, part) if part.code else self._record(raws[part.key]))
        return records

    def _parts(self, deals: Sequence[JSONDict], rows: Mapping[str, JSONDict]) -> dict[str, list[Part]]:
        """Return what each deal holds: orders, and what is none (any more)."""
        known = self.known([name for deal in deals for name in possible_names(deal)]) if deals else {}
        return {deal["id"]: parts_of(deal, rows, self.wanted.orders, known) for deal in deals}

    def _assemble(self, deals: Sequence[JSONDict], parts: Mapping[str, list[Part]]) -> dict[str, JSONDict]:
        """Return the raw parts of each order by its key; records that several orders share are read once."""
        orders = {deal["id"]: [part for part in parts[deal["id"]] if not part.code] for deal in deals}
        wanted = [part.key for found in orders.values() for part in found if not part.is_estimate]
        quotations = self.focus.infos("quotations", wanted)
        read = readable(quotations.values())
        buying = [deal for deal in deals if orders[deal["id"]]]
        customers = read_raw_customers(self.focus, filter(None, (_customer_of(deal) for deal in buying)))
        persons = self.focus.parts("contacts", filter(None, (_person_of(deal) for deal in buying)))
        products = self.focus.parts("products", [found for row in read for found in product_ids(row)])
        rates = tax_rates_by_id(self.focus) if read else {}
        raws: dict[str, JSONDict] = {}
        for deal in buying:
            customer = customers.get(_customer_of(deal) or ("", ""), {})
            person = _person_of(deal)
            for part in orders[deal["id"]]:
                raw: JSONDict = {"deal": deal, "reference": part.name, "time_zone": self._zone()}
                raws[part.key] = raw
                row = None if part.is_estimate else quotations[part.key]
                if isinstance(row, RecordError):
                    raw |= {"quotation": {"id": part.key}, "error": row}
                    continue
                if row is not None:
                    raw["quotation"] = row
                sold = {key: products[key] for key in product_ids(row or {}) if key in products}
                if error := problem_of((customer, persons.get(person or ""), *sold.values())):
                    raw["error"] = error
                    continue
                raw |= {
                    **({} if isinstance(customer, RecordError) else customer),
                    **({"contact_person": persons[person]} if person in persons else {}),
                    **({"rivals": part.rivals} if part.rivals else {}),
                }
                if row is not None:
                    raw |= {
                        "products": {product["id"]: _code_of(product) for product in readable(sold.values())},
                        "tax_rates": {key: rates[key] for key in tax_ids(row) if key in rates},
                    }
        return raws

    def _record(self, raw: JSONDict) -> ReadRecord:
        error = raw.pop("error", None)
        try:
            if error is not None:
                raise error
            return self.parse(raw)
        except RecordError as problem:
            key = (raw.get("quotation") or {}).get("id") or f"{DEAL_PREFIX}{raw['deal']['id']}"
            return _unread(key, raw["reference"], problem, raw)

    def _zone(self) -> str:
        return str(self.connector.settings.get("time_zone") or DEFAULT_ZONE)


def deals_of(focus: FocusApi, keys: Iterable[str]) -> dict[str, str]:
    """Return the deal of each order, whose key is the id of its quotation or "deal:<id>". A call for a hundred."""
    deals = {key: key.removeprefix(DEAL_PREFIX) for key in keys if key.startswith(DEAL_PREFIX)}
    rows = focus.by_ids("quotations", [key for key in keys if key not in deals])
    return deals | {key: row["deal"]["id"] for key, row in rows.items()}


def _customer_of(deal: JSONDict) -> tuple[str, str] | None:
    customer = (deal.get("lead") or {}).get("customer")
    return (customer["type"], customer["id"]) if customer else None


def _person_of(deal: JSONDict) -> str | None:
    return read_id((deal.get("lead") or {}).get("contact_person"))


def _deal_id(record: ReadRecord) -> str:
    return str((record.raw.get("deal") or {}).get("id") or record.key.removeprefix(DEAL_PREFIX))


def _code_of(product: JSONDict) -> JSONDict:
    return {name: product.get(name) for name in ("id", "code", "name")}


def _omitted(deal: JSONDict, part: Part) -> Omitted:
    moment = find_moment(deal.get("updated_at"))
    params = {"filter": part.filter} if part.filter else {}
    return Omitted(part.key, part.name, part.code, {"deal": deal}, params, moment)


def _unread(key: str, natural_key: str, error: RecordError, raw: JSONDict) -> ReadRecord:
    if isinstance(error, NotFound):
        return Omitted(key, natural_key, "skip.deleted", raw, {"system": SYSTEM})
    return Unreadable(key, natural_key, error, raw)


def _whole(deal: JSONDict | RecordError, quotations: Mapping[str, JSONDict | RecordError]) -> JSONDict | RecordError:
    """Return the deal, or why it cannot be read: what one of its quotations is decides about the others."""
    if isinstance(deal, RecordError):
        return deal
    return problem_of(quotations.get(key) for key in quotation_ids(deal)) or deal


def _missing(key: str, quotation: JSONDict | RecordError | None, spoilt: Mapping[str, RecordError]) -> ReadRecord:
    """Account for an order that was asked for and is not among those of its deal. `spoilt` holds deals too."""
    if isinstance(quotation, RecordError):
        return _unread(key, key, quotation, {})
    if quotation is not None:
        if error := spoilt.get(f"{DEAL_PREFIX}{quotation['deal']['id']}"):
            return _unread(key, key, error, {})
        return Omitted(key, key, "skip.filtered", {}, {"filter": _("accepted quotations of won deals")})
    return Omitted(key, key, "skip.deleted", {}, {"system": SYSTEM})
