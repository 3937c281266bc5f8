"""Sales prices: listed by type, class, item and day, single, made and changed."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.wire import JSONDict

ALL = "All"


def _is_in_effect(ask: Ask, body: JSONDict) -> bool:
    day = (ask.text("effectiveAsOf") or "")[:10]
    if not day:
        return True
    begins, ends = (str(body.get(name) or "")[:10] for name in ("effectiveDate", "expirationDate"))
    return (not begins or begins <= day) and (not ends or ends >= day)


_PRICES = Listing(
    "sales_price",
    cap=5000,
    filters={"priceCode": "body__priceCode", "inventoryId": "body__inventoryId__iexact"},
    version_name="timeStamp",
    sieve=_is_in_effect,
)


def list_prices(ask: Ask) -> Reply:
    wanted = ask.text("priceType")
    only = {"body__priceType": wanted} if wanted and wanted != ALL else {}
    return list_things(ask, _PRICES, only=only)


def get_price(ask: Ask) -> Reply:
    thing = store.get(ask.account, "sales_price", ask.keys["id"], what="The sales price")
    return Reply(200, body_of(thing, _PRICES), {"ETag": store.etag(thing)})


ROUTES = (
    Route("GET", "v1/customerSalesPrice", list_prices, (*_PRICES.query, "priceType", "effectiveAsOf")),
    Route("GET", "v1/customerSalesPrice/{id}", get_price),
)
