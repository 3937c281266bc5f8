"""What a connector is: sources that are read, targets that are written, option lists, a live check.

A connector knows its own API and nothing of any other. It does HTTP through `ApiClient` and touches no database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import Promise

from apicenter.errors import RecordError
from connectors.core import Core, JSONDict
from connectors.http import ApiClient, Dialect
from connectors.maps import ResourceMap

Text = str | Promise


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record as read: the typed core, and everything raw it was made from under its own names."""

    key: str
    natural_key: str
    core: Core
    raw: JSONDict
    modified_at: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that came but cannot be turned into a core record. It is parked, and the others go on."""

    key: str
    natural_key: str
    error: RecordError
    raw: JSONDict
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Omitted:
    """A record the source itself leaves out, with the cause from the catalogue ("skip.no_quotation")."""

    key: str
    natural_key: str
    code: str
    raw: JSONDict
    params: Mapping[str, str] = field(default_factory=dict)
    modified_at: datetime | None = None


ReadRecord = SourceRecord | Unreadable | Omitted


@dataclass(frozen=True, slots=True)
class Window:
    """Which records to read: changed at or after `since` and, for a backfill, before `until` (aware UTC)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a read. `position` is opaque JSON for the next page; None means this was the last.

    `seen_until` is the largest modification time received on this page, from the data, never from our clock.
    """

    records: tuple[ReadRecord, ...]
    position: Any | None
    seen_until: datetime | None


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


@dataclass(frozen=True, slots=True)
class Written:
    """A clear answer to a write."""

    id: str
    number: str = ""
    url: str = ""
    answer: Any = None
    sent: Any = None  # exactly what went over the wire


@dataclass(frozen=True, slots=True)
class Sent:
    """A create whose outcome is not known: everything a look-up may use to find it."""

    reference: str
    natural_key: str
    payload: JSONDict
    sent_at: datetime


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


class Source(ABC):
    """A readable resource. One instance serves one slice of work on one connection."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    page_size: ClassVar[int] = 100

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.api = connector.api

    @abstractmethod
    def page(self, window: Window, position: Any | None) -> Page:
        """Return one page, oldest change first if the API can. Raises RetryableError, FlowError."""

    @abstractmethod
    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read single records again, for a replay or a webhook. A vanished one comes back as Omitted skip.deleted."""

    @abstractmethod
    def fields(self) -> list[FieldInfo]:
        """Every field a map may name as source: core fields, raw ones, attributes and custom fields of the account."""

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        """Return the record of another kind that this one carries (an order's customer), as its own source reads it."""
        return None

    def parse(self, raw: JSONDict) -> SourceRecord:
        """Turn stored raw JSON into the record again, without a call. Raises RecordError."""
        raise NotImplementedError(f"{type(self).__name__} cannot parse stored records.")


class Target(ABC):
    """A writable resource: default maps, look-ups, create and update. Payloads are plain nested dicts in the API's
    own field names; wrapping, line operations and splitting into calls happen in here."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    natural_key: ClassVar[str]  # target path of the field that identifies a record to a person
    default_map: ClassVar[ResourceMap]
    finders: ClassVar[tuple[str, ...]] = ()  # what `find` can look up by
    is_referenced: ClassVar[bool] = True  # a create can be found again; otherwise "at most once, then ask"
    can_update: ClassVar[bool] = True
    reference_length: ClassVar[int] = 16

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.api = connector.api

    @abstractmethod
    def create(self, payload: JSONDict, *, reference: str) -> Written:
        """Make the record. Raises OutcomeUnknown when no clear answer came, Rejected, RetryableError, FlowError."""

    def update(self, target_id: str, payload: JSONDict) -> Written:
        """Change the given fields only. Doing it twice is harmless. Raises Rejected, NotFound, RetryableError."""
        raise NotImplementedError(f"{type(self).__name__} cannot be updated.")

    def read(self, target_id: str) -> JSONDict:
        """Return the present values under the same paths a payload uses. Raises NotFound."""
        raise NotImplementedError(f"{type(self).__name__} cannot be read back.")

    def index_page(self, position: Any | None) -> tuple[list[Existing], Any | None]:
        """Return one page of everything that exists and where the next starts (None = none), to adopt in bulk."""
        raise NotImplementedError(f"{type(self).__name__} cannot be listed.")

    def index(self) -> Iterator[Existing]:
        """Yield everything that exists: a call per page, never one per record."""
        position = None
        while True:
            found, position = self.index_page(position)
            yield from found
            if position is None:
                return

    def find(self, by: str, value: str) -> list[Existing]:
        """Look up by one of `finders`; verified on the returned rows, as APIs ignore filters they do not know."""
        raise NotImplementedError(f"{type(self).__name__} cannot be looked up by {by}.")

    def existing_keys(self, natural_keys: Iterable[str]) -> dict[str, str]:
        """Return, for those of the natural keys that exist, how the target spells them."""
        raise NotImplementedError(f"{type(self).__name__} cannot be looked up by key.")

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        """Return documents of a customer, made or changed since, that carry our reference: an earlier installation or
        a restored backup may have sent what this one does not remember."""
        return []

    def vat_rates(self, customers: Iterable[str]) -> Callable[[str, str], Decimal | None]:
        """Return what gives the VAT rate (a fraction) that will be booked for a customer's id and the target's own VAT
        code, or None where that cannot be known beforehand."""
        return lambda customer, code: None

    def find_created(self, sent: Sent) -> list[Written]:
        """Find what a create with an unknown outcome may have left behind."""
        raise NotImplementedError(f"{type(self).__name__} has no reference to look up.")

    @abstractmethod
    def fields(self) -> list[FieldInfo]:
        """Every field a map may write, with what is required and how long it may be."""

    def url(self, target_id: str) -> str:
        """Return the address of the record in the target's own pages, or ""."""
        return ""


class AuthKind(StrEnum):
    OAUTH_CODE = "oauth_code"  # consent in the browser, single-use refresh tokens
    CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class FormField:
    """A field a person fills in to connect."""

    name: str
    title: Text
    hint: Text = ""
    is_secret: bool = False
    is_required: bool = True
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class AuthSpec:
    """How a connection gets its tokens. `audiences` maps an audience to its scope; hosts use an audience each."""

    kind: AuthKind
    token_host: str
    token_path: str
    authorize_path: str = ""
    audiences: Mapping[str, str] = field(default_factory=lambda: {"": ""})
    body: str = "form"
    tenant_field: str = ""  # name in the settings, sent as tenant_id


class Connector(ABC):
    """One system. Class attributes say what it is; methods say what only this API does."""

    key: ClassVar[str]
    title: ClassVar[str]
    auth: ClassVar[AuthSpec]
    hosts: ClassVar[Mapping[str, str]]  # host name -> name of the setting with its base URL
    host_audience: ClassVar[Mapping[str, str]] = {}
    dialect: ClassVar[Dialect] = Dialect()  # how its failures are worded
    rate_limit: ClassVar[RateLimit]
    quiet_setting: ClassVar[str]  # name of the setting with the quiet period in seconds
    deadline_seconds: ClassVar[float] = 30
    form: ClassVar[tuple[FormField, ...]] = ()
    sources: ClassVar[Mapping[str, type[Source]]] = {}
    targets: ClassVar[Mapping[str, type[Target]]] = {}
    option_lists: ClassVar[tuple[str, ...]] = ()

    def __init__(self, api: ApiClient, settings: Mapping[str, Any]) -> None:
        self.api = api
        self.settings = settings
        self._opened: dict[type[Source | Target], Any] = {}

    def source(self, kind: str) -> Source:
        """Return the readable resource of this name, the same one each time: it may know what it looked up before."""
        return self._resource(self.sources[kind])

    def target(self, kind: str) -> Target:
        """Return the writable resource of this name, the same one each time."""
        return self._resource(self.targets[kind])

    def _resource(self, cls: type[Source | Target]) -> Any:
        if cls not in self._opened:
            self._opened[cls] = cls(self)
        return self._opened[cls]

    @abstractmethod
    def account(self) -> AccountInfo:
        """Return whom this connection reaches. Raises AuthError, PermissionMissing, RetryableError."""

    @abstractmethod
    def check(self) -> list[CheckResult]:
        """Try every right the flows need, one by one; name what is missing. Never raises for a missing right."""

    @abstractmethod
    def options(self, name: str) -> list[Option]:
        """Return a reference list, live. Raises KeyError for an unknown name, RetryableError, FlowError."""


def records_of(rows: Iterable[ReadRecord]) -> list[SourceRecord]:
    """Return the readable ones."""
    return [row for row in rows if isinstance(row, SourceRecord)]
