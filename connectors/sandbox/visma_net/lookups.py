"""The look-up tables of a company: read only, one line each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.asking import Ask, Handler, Route
from connectors.sandbox.visma_net.listing import Listing, list_things, narrow, shown
from connectors.sandbox.visma_net.order_document import is_manual_series
from connectors.sandbox.visma_net.wire import JSONDict, public

PLAIN: dict[str, str] = {}


@dataclass(frozen=True)
class Table:
    """One look-up table: its path, and what its list can do. Without pages there is no metadata."""

    path: str
    listing: Listing
    single: str = ""
    what: str = "The record"
    with_etag: bool = False
    expands: tuple[str, ...] = field(default=())

    def routes(self) -> tuple[Route, ...]:
        listed = Route("GET", f"v1/{self.path}", self._list, (*self.listing.query, *self.expands))
        if not self.single:
            return (listed,)
        return listed, Route("GET", f"v1/{self.path}/{{{self.single}}}", self._get, self.expands)

    def _list(self, ask: Ask) -> Reply:
        return list_things(ask, self.listing)

    def _get(self, ask: Ask) -> Reply:
        thing = store.get(ask.account, self.listing.kind, ask.keys[self.single], what=self.what)
        return Reply(200, shown(ask, thing, self.listing), {"ETag": store.etag(thing)} if self.with_etag else {})


def unpaged(kind: str, **features: object) -> Listing:
    plain = Listing(kind, cap=0, has_metadata=False, has_increments=False, times=PLAIN)
    return replace(plain, **features)  # type: ignore[arg-type]


def paged(kind: str, **features: object) -> Listing:
    return replace(Listing(kind, has_increments=False, times=PLAIN), **features)  # type: ignore[arg-type]


def _numbering(ask: Ask, body: JSONDict) -> JSONDict:
    """Number series show where they stand now."""
    body["manualNumbering"] = is_manual_series(ask.account, body)
    for sequence in body["sequence"]:
        last = int(ask.account.counters.get(body["numberingId"], sequence["startNbr"]))
        width = len(sequence["startNbr"])
        sequence |= {"lastNbr": f"{last:0{width}}", "nextNumber": f"{last + 1:0{width}}"}
    return body


def _period(ask: Ask, body: JSONDict) -> JSONDict:
    if body["period"] in ask.options.closed_periods:
        body |= {name: True for name in body if name.startswith("closedIn")}
    return body


def _with_modified(kind: str, **features: object) -> Listing:
    return unpaged(kind, **{"times": {"lastModifiedDateTime": "modified_at"}, "has_increments": True, **features})


def _at_places(*names: str) -> dict[str, str]:
    return {name: f"body__{name}" for name in names}


TABLES = (
    Table("inventory/itemClass", unpaged("item_class", cap=1000), single="id", what="The item class"),
    Table(
        "attribute",
        Listing(
            "attribute",
            filters=_at_places("attributeID", "controlType", "internal"),
            times={"lastModifiedDateTime": "modified_at", "createdDateTime": "created_at"},
        ),
        single="id",
        what="The attribute",
    ),
    Table("unitofmeasure", unpaged("unit")),
    Table("customer/customerClass", unpaged("customer_class"), single="id", what="The customer class"),
    Table("paymentmethod", _with_modified("payment_method", times=PLAIN), single="id", what="The payment method"),
    Table("vat", _with_modified("vat"), single="id", what="The VAT ID"),
    Table("vatCategory", _with_modified("vat_category"), single="id", what="The VAT category"),
    Table("vatZone", paged("vat_zone", cap=0), single="id", what="The VAT zone"),
    Table(
        "branch",
        _with_modified("branch"),
        single="id",
        what="The branch",
        expands=tuple(
            f"expand{part}"
            for part in (
                "Address", "Contact", "Currency", "VatZone", "Ledger", "IndustryCode",
                "DeliveryAddress", "DeliveryContact", "DefaultCountry", "BankSettings",
            )
        ),
    ),
    Table(
        "organization",
        _with_modified("organization", version_name="timeStamp"),
        single="id",
        what="The organization",
        with_etag=True,
        expands=("expandBranches", "expandBankSettings"),
    ),
    Table(
        "warehouse",
        unpaged("warehouse", cap=1000, version_name="timestamp",
                filters={"active": "body__active", "branch": "body__branch__number"}),
        single="id",
        what="The warehouse",
    ),
    Table("numberSequence", unpaged("number_series", show=_numbering), single="id", what="The number series"),
    Table("salesordertype", paged("order_type"), single="id", what="The order type"),
    Table("currency", unpaged("currency"), single="id", what="The currency"),
    Table("country", paged("country"), single="id", what="The country"),
    Table("salescategory", unpaged("sales_category"), single="id", what="The sales category"),
    Table(
        "account",
        _with_modified("account", version_name="timeStamp", filters={"active": "body__active"}),
        single="id",
        what="The account",
        with_etag=True,
        expands=("includeAccountClassDescription", "publicCode", "externalCode1", "externalCode2", "analysisCode"),
    ),
    Table(
        "project",
        Listing(
            "project",
            filters={"status": "body__status", "systemTemplate": "body__systemTemplate"},
            times={"lastModifiedDateTime": "modified_at"},
            version_name="timeStamp",
        ),
        single="id",
        what="The project",
    ),
    Table(
        "subaccount",
        Listing("subaccount", filters={"active": "body__active"}, version_name="timeStamp"),
        single="id",
        what="The subaccount",
        with_etag=True,
    ),
    Table("carrier", _with_modified("carrier", times=PLAIN)),
    Table("cashaccount", unpaged("cash_account"), single="id", what="The cash account"),
    Table("ledger", _with_modified("ledger", times=PLAIN)),
    Table("financialPeriod", unpaged("period", show=_period)),
)  # fmt: skip


def enveloped(listing: Listing) -> Handler:
    """Return what answers one of the few lists that wrap their records and count beside them."""

    def answer(ask: Ask) -> Reply:
        rows = list(narrow(ask, listing))
        size = min(ask.integer("pageSize", default=1000, least=1), 1000)
        page = ask.integer("pageNumber", default=1, least=1)
        records = [shown(ask, thing, listing) for thing in rows[(page - 1) * size : page * size]]
        return Reply(200, {"pageNumber": page, "pageSize": size, "totalCount": len(rows), "records": records})

    return answer


def sales_category_items(ask: Ask) -> Reply:
    thing = store.get(ask.account, "sales_category", ask.keys["id"], what="The sales category")
    rows = Thing.objects.filter(account=ask.account, kind="inventory").order_by("key")
    inside = [row for row in rows if any(line["categoryId"] == thing.body["categoryID"] for line in _categories(row))]
    return Reply(200, [public(row.body) for row in inside])


def _categories(row: Thing) -> list[JSONDict]:
    return row.body.get("salesCategories") or []


_CREDIT_TERMS = Listing(
    "credit_term",
    filters={"termsId": "body__termsId"},
    times={"lastModifiedDateTime": "modified_at", "createdDateTime": "created_at"},
)
_SALES_PERSONS = Listing(
    "sales_person",
    filters={"salespersonCD": "body__salespersonID", "name": "body__name", "isActive": "body__isActive"},
    times={"lastModifiedDateTime": "modified_at", "createdDateTime": "created_at"},
)
_EXTRA: tuple[tuple[str, Handler, tuple[str, ...]], ...] = (
    ("v1/creditTerm", enveloped(_CREDIT_TERMS), _CREDIT_TERMS.query),
    ("v1/salesperson", enveloped(_SALES_PERSONS), _SALES_PERSONS.query),
    ("v1/salescategory/{id}/item", sales_category_items, ()),
)
ROUTES = (
    *(route for table in TABLES for route in table.routes()),
    *(Route("GET", template, handler, query) for template, handler, query in _EXTRA),
)
