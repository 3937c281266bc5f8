"""Journal transactions: a batch of debits and credits that must balance. Its list is paged by line, not by batch."""

from __future__ import annotations

from decimal import Decimal

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import Listing, body_of, narrow, page_of
from connectors.sandbox.visma_net.order_calls import done
from connectors.sandbox.visma_net.periods import date_text, open_period
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.subaccounts import find_subaccount, part_of
from connectors.sandbox.visma_net.wire import JSONDict, cents, number, read_time

KIND = "journaltransaction"
SERIES = "BATCH"
LEDGER = "closedInGeneralLedger"
LISTING = Listing(
    KIND,
    has_increments=False,
    filters={
        "periodId": "body__financialPeriod",
        "status": "body__status",
        "branch": "body__branch",
    },
    version_name="timeStamp",
)


def list_batches(ask: Ask) -> Reply:
    """One of period and modification time is required; the latter has no condition here."""
    since = ask.text("lastModifiedDateTime")
    if since is None and ask.text("periodId") is None:
        raise Refused("Either 'periodId' or 'lastModifiedDateTime' is required.")
    only: JSONDict = {}
    if since and (moment := read_time(since)):
        only["modified_at__gte"] = moment
    if module := ask.text("module"):
        only["body__module"] = f"Module{module.removeprefix('Module')}"
    return Reply(200, _page(ask, list(narrow(ask, LISTING).filter(**only))))


def _page(ask: Ask, batches: list[Thing]) -> list[JSONDict]:
    """Return the batches of a page: its size counts lines, so the first and the last may be parts of one."""
    lines = [(thing, line) for thing in batches for line in thing.body["journalTransactionLines"]]
    start, size, cap = page_of(ask, LISTING, len(lines))
    parts: dict[int, JSONDict] = {}
    for thing, line in lines[start : start + size]:
        head = {**body_of(thing, LISTING), "metadata": {"totalCount": len(lines), "maxPageSize": cap}}
        parts.setdefault(thing.pk, {**head, "journalTransactionLines": []})["journalTransactionLines"].append(line)
    return list(parts.values())


def get_batch(ask: Ask) -> Reply:
    thing = _batch(ask)
    return Reply(200, body_of(thing, LISTING), {"ETag": store.etag(thing)})


def post_batch(ask: Ask) -> Reply:
    account = ask.account
    changes = ask.payload(fields.JOURNAL, lines="journalTransactionLines", known_in_lines=fields.JOURNAL_LINE)
    if not changes.get("transactionDate"):
        raise Refused("'Transaction date' cannot be empty.")
    lines = _lines(account, changes.get("journalTransactionLines") or [])
    period = open_period(account, date=changes["transactionDate"], period=changes.get("financialPeriod"), ledger=LEDGER)
    ledger = store.lookup(account, "ledger", changes.get("ledger") or "1", field="Ledger").body
    currency = store.lookup(account, "currency", changes.get("currencyId") or "EUR", field="Currency").body
    branch = store.lookup(account, "branch", changes.get("branch") or "1", field="Branch").body
    debit, credit = (_total(lines, side) for side in ("debit", "credit"))
    if debit != credit:
        raise Refused(f"The batch is not balanced: debit {debit}, credit {credit}.")
    control = changes.get("controlTotalInCurrency")
    if control is not None and number(control, name="controlTotalInCurrency") != debit:
        raise Refused("The control total differs from the debit total.")
    rate = Decimal(str(currency["_rate"]))
    is_on_hold = bool(changes.get("hold"))
    batch = {
        "module": "ModuleGL",
        "batchNumber": _number(account, changes),
        "status": "Hold" if is_on_hold else "Balanced",
        "hold": is_on_hold,
        "transactionDate": date_text(changes["transactionDate"]),
        "financialPeriod": period,
        "postPeriod": f"{period[4:]}{period[:4]}",
        "ledger": ledger["number"],
        "ledgerDescription": ledger["description"],
        "currencyId": currency["id"],
        "exchangeRate": rate,
        "description": changes.get("description") or "",
        "branch": branch["number"],
        "createVatTransaction": bool(changes.get("createVatTransaction")),
        "skipVatAmountValidation": bool(changes.get("skipVatAmountValidation")),
        "journalTransactionLines": [_with_base(line, rate) for line in lines],
        "attachments": [],
    }
    for name, amount in (("debitTotal", debit), ("creditTotal", credit), ("controlTotal", debit)):
        batch |= {f"{name}InCurrency": amount, name: cents(amount * rate)}
    thing = store.add(account, KIND, batch["batchNumber"], batch)
    location = ask.location(f"v2/journaltransaction/{batch['batchNumber']}")
    return Reply(201, None, {**location, "ETag": store.etag(thing)})


def release_batch(ask: Ask) -> Reply:
    thing = _batch(ask)
    store.check_version(thing, ask.header("if-match"))
    if thing.body["status"] != "Balanced":
        raise Refused(f"The batch is {thing.body['status']} and cannot be released.")
    body = thing.body
    open_period(ask.account, date=body["transactionDate"], period=body["financialPeriod"], ledger=LEDGER)
    thing.body["status"] = "Unposted"
    store.save(thing)
    return done()


def _lines(account: Account, rows: list[JSONDict]) -> list[JSONDict]:
    if not rows:
        raise Refused("A batch needs lines.")
    lines = []
    for place, row in enumerate(rows, 1):
        if row.get("operation") != "Insert":
            raise Refused(f"The operation of line {place} of a new document must be Insert.")
        gl_account = store.lookup(account, "account", row.get("accountNumber"), field="Account").body
        if not gl_account["active"]:
            raise Refused(f"The account '{gl_account['accountCD']}' is not active.")
        category, vat = row.get("vatCodeId"), row.get("vatId")
        if category:
            store.lookup(account, "vat_category", category, field="VAT category")
        if vat:
            store.lookup(account, "vat", vat, field="VAT ID")
        if _amount(row, "debitAmountInCurrency") and _amount(row, "creditAmountInCurrency"):
            raise Refused(f"Line {place} has both a debit and a credit amount.")
        lines.append(
            {
                "lineNumber": place,
                "accountNumber": gl_account["accountCD"],
                "description": gl_account["description"],
                "subaccount": part_of(find_subaccount(account, row.get("subaccount"))),
                "referenceNumber": row.get("referenceNumber"),
                "transactionDescription": row.get("transactionDescription"),
                "debitAmountInCurrency": _amount(row, "debitAmountInCurrency"),
                "creditAmountInCurrency": _amount(row, "creditAmountInCurrency"),
                "vatCode": store.reference(account, "vat_category", category) if category else None,
                "vat": {"id": str(vat), "description": None} if vat else None,
                "branch": row.get("branch") or "1",
                "quantity": row.get("quantity") or 0,
                "uom": row.get("uom"),
                "note": row.get("note") or "",
            }
        )
    return lines


def _amount(row: JSONDict, name: str) -> Decimal:
    value = row.get(name)
    return cents(number(value, name=name)) if value is not None else Decimal(0)


def _total(lines: list[JSONDict], side: str) -> Decimal:
    return sum((line[f"{side}AmountInCurrency"] for line in lines), Decimal(0))


def _with_base(line: JSONDict, rate: Decimal) -> JSONDict:
    return {**line, **{f"{side}Amount": cents(line[f"{side}AmountInCurrency"] * rate) for side in ("debit", "credit")}}


def _number(account: Account, changes: JSONDict) -> str:
    own = str(changes.get("batchNumber") or "").strip()
    if not own or not changes.get("overrideNumberSeries"):
        return store.next_number(account, SERIES, start=0, kind=KIND)
    if store.find(account, KIND, own):
        raise Refused(f"A batch with the number '{own}' already exists.")
    return own


def _batch(ask: Ask) -> Thing:
    return store.get(ask.account, KIND, ask.keys["number"], what="The journal transaction")


ROUTES = (
    Route(
        "GET",
        "v2/journaltransaction",
        list_batches,
        (*LISTING.query, "module", "lastModifiedDateTime", "expandAttachments"),
    ),
    Route("POST", "v2/journaltransaction", post_batch),
    Route("GET", "v2/journaltransaction/{number}", get_batch),
    Route("POST", "v2/journaltransaction/{number}/action/release", release_batch),
)
