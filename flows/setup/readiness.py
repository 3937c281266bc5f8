"""Whether a flow could start well: what can be known beforehand, looked up live, each as green, amber or red.

Nothing is written. Green means that nothing is missing, amber that some records will be held back or left without a
value, red that most would be or that the flow cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apicenter.causes import sentence
from apicenter.errors import MappingError
from connectors.base import CheckResult, Finding, Option, SourceRecord, Window
from connectors.core import Customer, OrderLine, Product, SalesDocument
from connectors.models import Connection
from connectors.services import check
from flows.catalog.customers import CustomerSettings
from flows.catalog.mutation_settings import JOURNAL
from flows.catalog.order_settings import OrderSettings
from flows.catalog.products import ProductSettings
from flows.catalog.selling import SalesSettings
from flows.documents.vat_kinds import country_of, zone_pair
from flows.engine import intake
from flows.engine.work import Work, open_work
from flows.maps.lookup import look_up
from flows.models import Flow
from flows.services import window_start
from flows.setup.ledger_lights import ledger_lights
from flows.setup.lights import Level as Level
from flows.setup.lights import Light as Light
from flows.setup.lights import Place as Place
from flows.setup.readiness_back import back_lights
from flows.transforms.codes import ean

RECENT = 16  # records that are looked at: about what the strictest limit allows in one go
MOST_SKUS = 40  # looked up, one call each
FEW = 0.8  # of the lines: below this most orders would be held back
NAMED = 3  # examples in a sentence


def connection_lights(connection: Connection) -> list[Light]:
    """Try every right of a connection and say which company it reaches."""
    results = check(connection)
    connection.refresh_from_db()
    failed = [row for row in results if row.finding == Finding.BAD]
    weak = [row for row in results if row.finding == Finding.WARN]
    level = Level.BAD if failed else Level.WARN if weak else Level.OK
    rights = Light(_("Rights"), level, _rights_text(results, failed or weak), Place.CONNECTION, str(connection.pk))
    if failed:
        return [rights]
    reached = connection.account_name or connection.account_id
    company = Light(
        _("Company"), Level.OK, _("You are connected to “%(company)s”.") % {"company": reached}, Place.CONNECTION,
        str(connection.pk),
    )  # fmt: skip
    return [rights, company]


def _rights_text(results: Sequence[CheckResult], lacking: Sequence[CheckResult]) -> str:
    if not lacking:
        words = ngettext(
            "The right that is needed is there.", "All %(count)s rights that are needed are there.", len(results)
        )
        return words % {"count": len(results)}
    return _("Missing or weak: %(what)s.") % {"what": ", ".join(str(row.what) for row in lacking)}


def flow_lights(flow: Flow) -> list[Light]:
    """Return the lights of one flow. Raises RetryableError, FlowError."""
    with open_work(flow, None, ensure=intake.ensure_dry) as work:
        if lacking := _lacking(work):
            return lacking
        records = _recent(work)
        lights = back_lights(work) if work.kind.partners else []
        if isinstance(work.settings, SalesSettings):
            sold = [record.core for record in records if isinstance(record.core, SalesDocument)]
            lights += _sales_lights(work, work.settings, sold)
        if isinstance(work.settings, CustomerSettings) and work.kind.target_kind(flow.kind, work.settings) != JOURNAL:
            lights += _customer_lights(work, _customers(records))
        if flow.kind == "products":
            lights += _product_lights(work, [record.core for record in records if isinstance(record.core, Product)])
        return lights


def _lacking(work: Work) -> list[Light]:
    """What the account lacks for anything of this flow to be written."""
    code = work.target(work.kind.key).lacks()
    return [Light(str(work.kind.title), Level.BAD, sentence(code, {"system": work.system}))] if code else []


def _recent(work: Work) -> list[SourceRecord]:
    def readable() -> Iterable[SourceRecord]:
        position = None
        while True:
            page = work.source.page(Window(since=window_start(work.flow)), position)
            yield from (record for record in page.records if isinstance(record, SourceRecord))
            position = page.position
            if position is None:
                return

    return list(islice(readable(), RECENT))


def _customers(records: Sequence[SourceRecord]) -> list[Customer]:
    found = [core.customer if isinstance(core := record.core, SalesDocument) else core for record in records]
    unique = {one.key: one for one in found if isinstance(one, Customer)}
    return list(unique.values())


def _sales_lights(work: Work, settings: SalesSettings, sold: Sequence[SalesDocument]) -> list[Light]:
    lines = [line for document in sold for line in document.lines]
    if work.kind.target_kind(work.kind.key, settings) == JOURNAL:
        return [*ledger_lights(work, settings, sold), _branch(work, settings), _vat_codes(work, lines)]
    if not work.target(work.kind.key).names_items:  # a sheet, which takes whatever a line says
        return [_vat_codes(work, lines)]
    return [
        *([_order_type(work, settings)] if isinstance(settings, OrderSettings) else ()),
        _numbers(work),
        _branch(work, settings),
        _vat_codes(work, lines),
        _items(work, {line.sku for line in lines if line.sku}),
        _text_lines(settings, sum(not line.product_key for line in lines)),
    ]  # fmt: skip


def _vat_codes(work: Work, lines: Sequence[OrderLine]) -> Light:
    return _covered(
        _("VAT codes"), work, "vat", {line.vat_code: line.vat_code for line in lines if line.vat_code},
        all_there=_("Every VAT rate of recent documents has a counterpart."),
    )  # fmt: skip


def _order_type(work: Work, settings: OrderSettings) -> Light:
    title = _("Order type")
    types = _options(work, "sales_order_types")
    known = next((one for one in types if one.value == settings.order_type), None)
    if known is None and types:
        text = _("%(system)s has no active order type “%(type)s”. Choose one that it has.")
        return Light(title, Level.BAD, text % {"system": work.system, "type": settings.order_type}, Place.SETTINGS)
    label = known.label if known else settings.order_type
    return Light(title, Level.OK, _("New orders become “%(type)s”.") % {"type": label}, Place.SETTINGS)


def _numbers(work: Work) -> Light:
    title = _("Number series")
    series = _options(work, "number_sequences")
    if not series:
        text = _("%(system)s shows no number series, so it may refuse to number new documents and customers.")
        return Light(title, Level.WARN, text % {"system": work.system})
    return Light(
        title, Level.OK, _("%(system)s gives new documents and customers their numbers.") % {"system": work.system}
    )


def _branch(work: Work, settings: SalesSettings) -> Light:
    title, branches = _("Branch"), _options(work, "branches")
    chosen = next((one for one in branches if one.value == settings.branch.filled), None)
    main = next((one for one in branches if one.is_default), branches[0] if len(branches) == 1 else None)
    if settings.branch.filled and chosen is None:
        text = _("%(system)s has no active branch “%(branch)s”.")
        return Light(title, Level.BAD, text % {"system": work.system, "branch": settings.branch.filled}, Place.SETTINGS)
    used = chosen or main
    if used is None:
        return Light(title, Level.WARN, _("No branch is chosen and none is marked as the main one."), Place.SETTINGS)
    return Light(title, Level.OK, _("They are booked in branch “%(branch)s”.") % {"branch": used.label}, Place.SETTINGS)


def _items(work: Work, skus: set[str]) -> Light:
    title = _("Products on recent lines")
    asked = sorted(skus)[:MOST_SKUS]
    if not asked:
        return Light(title, Level.WARN, _("No recent line names a product, so this could not be tried."))
    found = work.target(work.kind.key).existing_keys(asked)
    missing = [sku for sku in asked if sku not in found]
    counts = {"found": len(found), "count": len(asked), "system": work.system, "examples": _examples(missing)}
    if not missing:
        return Light(title, Level.OK, _("All %(count)s that were tried exist in %(system)s.") % counts)
    text = _("%(found)s of %(count)s exist in %(system)s. Not there: %(examples)s.") % counts
    level = Level.WARN if len(found) >= FEW * len(asked) else Level.BAD
    return Light(title, level, text, Place.SETTINGS)


def _text_lines(settings: SalesSettings, count: int) -> Light:
    title = _("Lines without a product")
    if not count:
        return Light(title, Level.OK, _("Recent documents have none."))
    if settings.text_line_item:
        text = ngettext(
            "%(count)s line travels under item “%(item)s”.", "%(count)s lines travel under item “%(item)s”.", count
        )
        return Light(title, Level.OK, text % {"count": count, "item": settings.text_line_item}, Place.SETTINGS)
    text = ngettext(
        "%(count)s recent line names no product, and no item for such lines is chosen: its document waits.",
        "%(count)s recent lines name no product, and no item for such lines is chosen: their documents wait.",
        count,
    )
    return Light(title, Level.WARN, text % {"count": count}, Place.SETTINGS)


def _customer_lights(work: Work, customers: Sequence[Customer]) -> list[Light]:
    kinds = {str(kind): label for kind, label in (("company", _("companies")), ("person", _("private persons")))}
    zones, table, home = {}, work.tables.get("vat_zone"), work.given.country
    for one in customers:
        country = country_of(one)
        if country and not zone_pair(one, table, home):
            zones[f"{country}|{one.kind.value}"] = country
    terms = {one.payment_term: one.payment_term for one in customers if one.payment_term}
    return [
        _covered(
            _("Customer class"), work, "customer_class", kinds,
            all_there=_("Companies and private persons both have a customer class."),
        ),
        _covered(
            _("VAT zone"), work, "vat_zone", zones, is_needed=False,
            all_there=_("Every country of recent customers has a VAT zone."),
        ),
        _covered(
            _("Payment terms"), work, "credit_terms", terms, is_needed=False,
            all_there=_("Every payment term of recent customers has a counterpart."),
        ),
    ]  # fmt: skip


def _product_lights(work: Work, products: Sequence[Product]) -> list[Light]:
    return [
        _covered(
            _("VAT codes"), work, "vat", {one.vat_code: one.vat_code for one in products if one.vat_code},
            all_there=_("Every VAT code of recent items has a counterpart."),
        ),
        *_barcodes(work, [one.ean for one in products if one.ean]),
        _matches(work, [one.sku for one in products if one.sku]),
    ]  # fmt: skip


def _barcodes(work: Work, codes: Sequence[str]) -> list[Light]:
    """Whether barcodes can be sent, where they are: one with a wrong check digit is left out of its product."""
    if not isinstance(work.settings, ProductSettings) or not work.settings.ean_field:
        return []
    title = _("Barcodes")
    wrong = [code for code in codes if not _is_ean(code)]
    if not wrong:
        return [Light(title, Level.OK, _("Every barcode of recent items has the right check digit."), Place.SETTINGS)]
    text = _("Not an EAN or GTIN: %(examples)s. Such a barcode is left out, and the product is sent without it.")
    return [Light(title, Level.WARN, text % {"examples": _examples(wrong)}, Place.SETTINGS)]


def _is_ean(code: str) -> bool:
    try:
        ean(code)
    except MappingError:
        return False
    return True


def _matches(work: Work, skus: Sequence[str]) -> Light:
    title = _("Products that match")
    if not skus:
        return Light(title, Level.WARN, _("There is no item to try this with."))
    target = work.target(work.kind.key)
    hits = work.target_side.api.overlap(partial(target.find, target.natural_key), list(skus))
    doubled = [sku for sku, found in zip(skus, hits, strict=True) if len(found) > 1]
    counts = {"count": len(skus), "system": work.system, "examples": _examples(doubled)}
    if doubled:
        text = _(
            "More than one product in %(system)s has the number %(examples)s; you will be asked which one is meant."
        )
        return Light(title, Level.WARN, text % counts)
    there = sum(bool(found) for found in hits)
    text = _("Of %(count)s items, %(there)s exist in %(system)s and are paired; the others are made.")
    return Light(title, Level.OK, text % {**counts, "there": there})


def _covered(
    title: str, work: Work, table: str, values: dict[str, str], *, all_there: str, is_needed: bool = True
) -> Light:
    """Whether a value table has a counterpart for every one of these keys."""
    lacking = [label for key, label in values.items() if not _has_pair(work, table, key)]
    names = [work.labels.get((table, value), value) for value in lacking]
    if not lacking:
        return Light(title, Level.OK, all_there, Place.TABLE, table)
    what = {"what": _examples(sorted(set(names)))}
    if is_needed:
        text = _("Without a counterpart: %(what)s. Records with it are held back.") % what
        level = Level.BAD if len(lacking) == len(values) else Level.WARN
        return Light(title, level, text, Place.TABLE, table)
    text = _("Without a counterpart: %(what)s. It is left out there, and %(system)s decides.")
    return Light(title, Level.WARN, text % {**what, "system": work.system}, Place.TABLE, table)


def _has_pair(work: Work, table: str, key: str) -> bool:
    try:
        return look_up(table, work.tables.get(table), key.split("|") if "|" in key else key) is not None
    except MappingError:
        return False


def _options(work: Work, name: str) -> list[Option]:
    return work.target_side.options(name) if name in work.target_side.option_lists else []


def _examples(values: Sequence[str]) -> str:
    more = len(values) - NAMED
    shown = ", ".join(f"“{value}”" for value in values[:NAMED])
    return _("%(shown)s and %(more)s more") % {"shown": shown, "more": more} if more > 0 else shown
