"""The generic `.list` and `.info`: the tables say what differs per resource."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from connectors.sandbox.front import Incoming, Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.teamleader import checks, tables
from connectors.sandbox.teamleader.dialect import Refused
from connectors.sandbox.teamleader.tables import Body, Filter, Resource

DEFAULT_SIZE = 20
_LIST_KEYS = {"filter", "page", "sort", "includes", "include"}
_INFO_KEYS = {"id", "includes", "include"}


def list_rows(incoming: Incoming, resource: Resource) -> Reply:
    """Filter, sort, cut out the page, and leave out what only `.info` tells."""
    options = Options.of(incoming.account)
    asked = checks.mapping(incoming.body if incoming.body is not None else {}, field="body")
    refuse_unknown(asked, _LIST_KEYS, options)
    includes = _includes(asked)
    filters = _filters(asked.get("filter"), resource, options)
    rows = _sorted(_query(incoming.account, resource, filters), asked.get("sort"), resource)
    size, number = _page(asked.get("page"), options)
    bodies, matches = _cut(rows, filters, size=size, number=number, is_paged=resource.is_pageable)
    data = [list_row(body, resource, includes=includes, options=options) for body in bodies]
    meta: Body = {}
    if resource.has_meta and "pagination" in includes:
        meta = {"page": {"size": size, "number": number}, "matches": matches}
    if resource.has_default:
        meta["default"] = _default_key(incoming.account, resource)
    return Reply(200, {"data": data, "meta": meta} if meta else {"data": data})


def info(incoming: Incoming, resource: Resource) -> Reply:
    options = Options.of(incoming.account)
    asked = checks.mapping(incoming.body if incoming.body is not None else {}, field="body")
    refuse_unknown(asked, _INFO_KEYS, options)
    body = checks.found(incoming.account, resource.kind, asked.get("id")).body
    if resource.kind == "company" and "related_contacts" in _includes(asked):
        body["related_contacts"] = _related_contacts(incoming.account, body["id"])
    hidden = {name for name in resource.optional_info if name not in _includes(asked)}
    shown = public(body, without=(*resource.list_only, *hidden), options=options)
    is_listed = resource.kind == "creditNote" and options.credit_note_as_list
    return Reply(200, {"data": [shown] if is_listed else shown})


def list_row(body: Body, resource: Resource, *, includes: set[str], options: Options) -> Body:
    hidden = [*resource.info_only, *(name for name in resource.optional if name not in includes)]
    row = public(body, without=hidden, options=options)
    if "addresses" in body:
        typed = (entry["address"] for entry in body["addresses"] if entry["type"] == "primary")
        address = next(typed, None)
        row["primary_address"] = address and {key: value for key, value in address.items() if key != "addressee"}
    return row


def public(body: Body, *, without: tuple[str, ...] | list[str], options: Options) -> Body:
    """The body but for these paths, internal keys, and what the account's features hide."""
    shown = {key: value for key, value in body.items() if not key.startswith("_") and key not in without}
    for path in without:
        outer, dot, inner = path.partition(".")
        if dot and isinstance(shown.get(outer), dict):
            shown[outer] = {key: value for key, value in shown[outer].items() if key != inner}
    if not options.stock_feature:
        shown.pop("stock", None)
        shown.pop("configuration", None)
    if options.unit_price_currency and "grouped_lines" in shown:
        for group in shown["grouped_lines"]:
            for line in group["line_items"]:
                line["unit_price"]["currency"] = shown.get("currency", "EUR")
    return shown


def refuse_unknown(given: Body, known: set[str], options: Options, *, prefix: str = "") -> None:
    """In strict mode only: the real system ignores what it does not know."""
    unknown = sorted(set(given) - known)
    if options.strict and unknown:
        raise Refused(f"{prefix}{unknown[0]} is not a known key", field=f"{prefix}{unknown[0]}")


def _includes(asked: Body) -> set[str]:
    return {part.strip() for part in str(asked.get("includes") or "").split(",")} - {""}


def _filters(given: Any, resource: Resource, options: Options) -> list[tuple[Filter, Any]]:
    if given is None or given == []:  # an empty PHP array is a JSON list
        return []
    asked = checks.mapping(given, field="filter")
    refuse_unknown(asked, set(resource.filters), options, prefix="filter.")
    return [
        (found, found.read(value, f"filter.{name}", options))
        for name, value in asked.items()
        if (found := resource.filters.get(name)) is not None
    ]


def _query(account: Account, resource: Resource, filters: list[tuple[Filter, Any]]) -> QuerySet[Thing]:
    condition = Q(account=account, kind=resource.kind)
    for found, value in filters:
        if found.where is not None:
            condition &= found.where(value)
    return Thing.objects.filter(condition)


def _sorted(rows: QuerySet[Thing], given: Any, resource: Resource) -> QuerySet[Thing]:
    wanted = [checks.mapping(entry, field="sort") for entry in checks.array(given or [], field="sort")]
    pairs = [
        (
            checks.text(entry.get("field"), field="sort.field"),
            checks.one_of(entry.get("order", "asc"), ("asc", "desc"), field="sort.order"),
        )
        for entry in wanted
    ]
    if not pairs and resource.default_sort:
        pairs = [resource.default_sort]
    return rows.order_by(*(tables.order(resource, name, direction) for name, direction in pairs), "pk")


def _page(given: Any, options: Options) -> tuple[int, int]:
    page = checks.mapping(given or {}, field="page")
    refuse_unknown(page, {"size", "number"}, options, prefix="page.")
    size = int(checks.number(page.get("size", DEFAULT_SIZE), field="page.size"))
    number = int(checks.number(page.get("number", 1), field="page.number"))
    if size < 1 or number < 1:
        raise Refused("page must be greater than or equal to 1", field="page")
    if size > options.page_cap and options.page_cap_mode == "reject":
        raise Refused(f"page.size must be less than or equal to {options.page_cap}", field="page.size")
    return min(size, options.page_cap), number


def _cut(
    rows: QuerySet[Thing], filters: list[tuple[Filter, Any]], *, size: int, number: int, is_paged: bool
) -> tuple[list[Body], int]:
    """The bodies of one page, and how many there are in all."""
    bodies = rows.values_list("body", flat=True)
    cut = slice((number - 1) * size, number * size) if is_paged else slice(None)
    tests = [(found.keep, value) for found, value in filters if found.keep is not None]
    if not tests:
        page = list(bodies[cut])
        return page, rows.count() if is_paged and (number > 1 or len(page) == size) else len(page)
    kept = [body for body in bodies if all(keep(body, value) for keep, value in tests)]
    return kept[cut], len(kept)


def _default_key(account: Account, resource: Resource) -> str | None:
    default = Thing.objects.filter(account=account, kind=resource.kind, body___default=True)
    return default.values_list("key", flat=True).first()


def _related_contacts(account: Account, company_id: str) -> list[Body]:
    contacts = Thing.objects.filter(account=account, kind="contact").values_list("body", flat=True)
    return [
        {
            "type": "contact",
            "id": body["id"],
            "position": link["position"],
            "secondary_position": link["secondary_position"],
            "division": link["division"],
            "is_decision_maker": link["decision_maker"],
        }
        for body in contacts
        for link in body["companies"]
        if link["company"]["id"] == company_id
    ]
