"""What goes in and out of a connector: records as read, pages, fields, options, what was written, what a check says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from apicenter.errors import ApicenterError, RecordError
from connectors.choice import OrderChoice
from connectors.core import Core, JSONDict, Totals

Text = str | Promise


class Usable(StrEnum):
    """What a document names that somebody may take out of use in the target."""

    CUSTOMER = "customer"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record as read: the typed core, and everything raw it was made from under its own names."""

    key: str
    natural_key: str
    core: Core
    raw: JSONDict
    modified_at: datetime | None = None
    label: str = ""
    kind: str = ""  # where a source gives more than one kind of record: which; "" = the source's own


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that came but cannot be turned into a core record. It is parked, and the others go on."""

    key: str
    natural_key: str
    error: RecordError
    raw: JSONDict
    modified_at: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Omitted:
    """A record the source itself leaves out, with the cause from the catalogue ("skip.no_quotation")."""

    key: str
    natural_key: str
    code: str
    raw: JSONDict
    params: Mapping[str, str] = field(default_factory=dict)
    modified_at: datetime | None = None
    kind: str = ""


ReadRecord = SourceRecord | Unreadable | Omitted


@dataclass(frozen=True, slots=True)
class Window:
    """Which records to read: changed at or after `since` and, for a backfill, before `until` (aware UTC)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """How many records a source has in a window. `is_more` when a page was full and nobody said what follows."""

    count: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a read. `position` is opaque JSON for the next page; None means this was the last.

    `seen_until` is the largest modification time received on this page, from the data, never from our clock.
    """

    records: tuple[ReadRecord, ...]
    position: Any | None
    seen_until: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A record as a list of keys shows it. One that is not `is_wanted` is there, but a run would not read it."""

    key: str
    changed_at: datetime | None = None
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One page of keys, and where the next starts (None = none)."""

    rows: tuple[Listed, ...]
    position: Any | None


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    OBJECT = "object"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of either side as the mapping page shows it, by the system's own name."""

    path: str
    title: Text
    type: FieldType = FieldType.TEXT
    group: Text = ""
    is_required: bool = False
    is_custom: bool = False  # discovered in the account: a custom field or attribute
    max_length: int | None = None
    options: tuple[str, ...] = ()
    list_name: str = ""  # a name for `Connector.options`, when the value is one of a reference list
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A row of a reference list (a VAT rate, a payment term, a warehouse …)."""

    value: str
    label: str
    rate: Decimal | None = None  # VAT lists: the fraction
    group: str = ""  # e.g. the department a VAT rate belongs to
    is_default: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Existing:
    """A record that stands in the target already."""

    id: str
    natural_key: str
    label: str = ""


class PartAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SAME = "same"  # stands there as it should


@dataclass(frozen=True, slots=True)
class Part:
    """Something that goes with a record and is a record of its own there: a contact of a customer, a delivery location.

    `error` says why it could not be written; the record itself stands all the same.
    """

    kind: str
    title: Text  # what one of its kind is called
    label: str
    action: PartAction
    id: str = ""
    error: ApicenterError | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A clear answer to a write."""

    id: str
    number: str = ""
    url: str = ""
    answer: Any = None
    sent: Any = None  # exactly what went over the wire
    before: JSONDict | None = None  # what stood there, where the engine read it before it wrote
    note: str = ""  # a cause that a person should know of although the write was done
    note_params: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    totals: Totals | ApicenterError | None = None  # what it came to there, or why that could not be read back

    @property
    def missing(self) -> Part | None:
        """The first part that could not be written: the record is there, and not all that goes with it."""
        return next((part for part in self.parts if part.error), None)


@dataclass(frozen=True, slots=True)
class Need:
    """What a document takes of an item, and from which warehouse ("" is any)."""

    item: str
    place: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Sent:
    """A create whose outcome is not known: everything a look-up may use to find it."""

    reference: str
    natural_key: str
    payload: JSONDict
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A financial period by the target's own id."""

    id: str
    is_open: bool


class Finding(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the live check: what was tried and how it went. `code` and `params` are a cause when not ok."""

    what: Text
    finding: Finding
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    needs: Text = ""  # the right, role or scope this takes, by the name it has in the vendor's pages


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Whom a connection reaches: the identity it is pinned to, and what to call it."""

    id: str
    name: str
    currency: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the vendor allows until its headers say otherwise: `calls` per `seconds`; None = only headers tell."""

    calls: int | None
    seconds: float
    is_sliding: bool = True
    concurrency: int = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a flow wants of a source beyond the plain records; what nobody asks for costs no calls."""

    price_classes: tuple[str, ...] = ()  # the prices of these
    vat_rates: bool = False  # the rate each VAT code stands for
    images: bool = False  # the names of pictures
    orders: OrderChoice = field(default_factory=OrderChoice)  # which documents are orders
