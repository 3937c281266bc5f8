"""What a connector is: sources that are read, targets that are written, option lists, a live check.

A connector knows its own API and nothing of any other. It does HTTP through `ApiClient` and touches no database.
What it takes and gives, connectors/shapes.py, and how somebody connects it, connectors/connecting.py, are part of it
and imported from here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from connectors.choice import Known
from connectors.connecting import AuthKind as AuthKind
from connectors.connecting import AuthSpec as AuthSpec
from connectors.connecting import FormField as FormField
from connectors.core import JournalEntry, JSONDict, Totals
from connectors.events import Webhooks
from connectors.files import FileFormat, Store
from connectors.http import ApiClient, Dialect
from connectors.maps import ResourceMap
from connectors.revising import Comparing, Revision, Standing
from connectors.shapes import AccountInfo as AccountInfo
from connectors.shapes import CheckResult as CheckResult
from connectors.shapes import Existing as Existing
from connectors.shapes import FieldInfo as FieldInfo
from connectors.shapes import FieldType as FieldType
from connectors.shapes import Finding as Finding
from connectors.shapes import Found as Found
from connectors.shapes import KeyPage as KeyPage
from connectors.shapes import Listed as Listed
from connectors.shapes import Need as Need
from connectors.shapes import Omitted as Omitted
from connectors.shapes import Option as Option
from connectors.shapes import Page as Page
from connectors.shapes import Part as Part
from connectors.shapes import PartAction as PartAction
from connectors.shapes import Period as Period
from connectors.shapes import RateLimit as RateLimit
from connectors.shapes import ReadRecord as ReadRecord
from connectors.shapes import Sent as Sent
from connectors.shapes import SourceRecord as SourceRecord
from connectors.shapes import Text as Text
from connectors.shapes import Unreadable as Unreadable
from connectors.shapes import Usable as Usable
from connectors.shapes import Wanted as Wanted
from connectors.shapes import Window as Window
from connectors.shapes import Written as Written
from connectors.shared import Bill, Owner


class Source(ABC):
    """A readable resource. One instance serves one slice of work on one connection."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    page_size: ClassVar[int] = 100
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = ()  # those of `fields` that every account has

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.api = connector.api
        self.wanted = Wanted()
        # Looks up natural keys and gives those (case-folded) that were sent or wait to be: such records are read again
        # even if they are not wanted any more, so that somebody hears of it. Not to be called in a thread.
        self.known: Callable[[Iterable[str]], Mapping[str, Known]] = lambda natural_keys: {}

    def waits(self, records: Sequence[SourceRecord]) -> dict[str, str]:
        """Return, live, the cause for each record (by key) that may not be sent yet but will be later by itself."""
        return {}

    @abstractmethod
    def page(self, window: Window, position: Any | None) -> Page:
        """Return one page, oldest change first if the API can. Raises RetryableError, FlowError."""

    def counts(self, window: Window) -> Iterator[int]:
        """Yield how many records each page of a window holds, by cheaper calls where the API has any.

        It need not be exact, and the caller stops asking once it knows enough. Raises RetryableError, FlowError.
        """
        position: Any | None = None
        while True:
            page = self.page(window, position)
            yield len(page.records)
            position = page.position
            if position is None:
                return

    @abstractmethod
    def fetch(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read single records again, for a replay or a webhook. A vanished one comes back as Omitted skip.deleted."""

    def reread(self, keys: Sequence[str]) -> list[ReadRecord]:
        """Read what an event or a comparison points at; what a run would leave out is left out with the same reason."""
        return self.fetch(keys)

    def keys(self, position: Any | None) -> KeyPage | None:
        """Return one page of the keys of everything there is, by calls that cost far less than reading it.

        None when this API has no such list. Raises RetryableError, FlowError.
        """
        return None

    @abstractmethod
    def fields(self) -> list[FieldInfo]:
        """Every field a map may name as source: core fields, raw ones, attributes and custom fields of the account."""

    def count(self, window: Window) -> Found | None:
        """Return how many records there are, if one cheap call tells. Raises RetryableError, FlowError."""
        return None

    def complete(self, records: Sequence[SourceRecord]) -> list[ReadRecord]:
        """Read what a list does not tell of records that turned out to matter; one answer per record, in order."""
        return list(records)

    def orders_behind(self, records: Sequence[SourceRecord]) -> dict[str, tuple[str, ...]]:
        """Return, by key, the orders of this system that documents of it were made from, as its orders are named. A
        call for each that a list did not tell of. Raises RetryableError, FlowError."""
        return {}

    def carried(self, record: SourceRecord, kind: str) -> SourceRecord | None:
        """Return the record of another kind that this one carries (an order's customer), as its own source reads it."""
        return None

    def product_categories(self, product_keys: Sequence[str]) -> Mapping[str, str]:
        """Return the category of each product that has one. Raises RetryableError, FlowError."""
        return {}

    @classmethod
    def url(cls, raw: JSONDict) -> str:
        """Return the address of a stored record in the source's own pages, or ""."""
        return ""

    @abstractmethod
    def parse(self, raw: JSONDict) -> SourceRecord:
        """Turn stored raw JSON into the record again, without a call. Raises RecordError."""


class Target(ABC):
    """A writable resource: default maps, look-ups, create and update. Payloads are plain nested dicts in the API's
    own field names; wrapping, line operations and splitting into calls happen in here."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    natural_key: ClassVar[str]  # target path of the field that identifies a record to a person
    default_map: ClassVar[ResourceMap]
    maps_by_kind: ClassVar[Mapping[str, ResourceMap]] = {}  # for kinds of records that take another map to begin with
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = ()  # those of `fields` that every account has
    finders: ClassVar[tuple[str, ...]] = ()  # what `find` can look up by
    # What it can do: each of these stands for the methods that tests/connectors/test_capabilities.py names.
    can_create: ClassVar[bool] = True
    can_update: ClassVar[bool] = True
    can_read: ClassVar[bool] = True
    can_delete: ClassVar[bool] = False
    can_list: ClassVar[bool] = False
    is_referenced: ClassVar[bool] = True  # a create can be found again; otherwise "at most once, then ask"
    knows_items: ClassVar[bool] = False  # items can be looked up by their numbers
    tells_totals: ClassVar[bool] = False  # documents whose totals can be read back
    comparing: ClassVar[Comparing | None] = None  # documents that can be looked at and cancelled afterwards
    can_revise: ClassVar[bool] = False  # and changed
    reference_length: ClassVar[int] = 16
    tables: ClassVar[frozenset[str] | None] = None  # the value tables its map may use; None = whatever a flow has
    lines_need_items: ClassVar[bool] = True  # else a line may be booked on a ledger account instead
    names_items: ClassVar[bool] = True  # a line of a document must name an item that is there
    part_paths: ClassVar[tuple[str, ...]] = ()  # paths of a payload that are written in records of their own there

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.api = connector.api

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        """Make the record. Raises OutcomeUnknown when no clear answer came, Rejected, RetryableError, FlowError."""
        raise NotImplementedError(f"{type(self).__name__} cannot be made.")

    def update(self, target_id: str, payload: JSONDict) -> Written:
        """Change the given fields only. Doing it twice is harmless. Raises Rejected, NotFound, RetryableError."""
        raise NotImplementedError(f"{type(self).__name__} cannot be updated.")

    @classmethod
    def takes(cls, path: str) -> bool:
        """Whether it has the field that a kind of flow adds to its map for a setting; most have all of them."""
        return True

    @classmethod
    def map_for(cls, kind: str) -> ResourceMap:
        """Return the map that records of a kind start with."""
        return cls.maps_by_kind.get(kind, cls.default_map)

    def delete(self, target_id: str) -> None:
        """Take the record away for good; only ever called on a person's word. Raises NotFound, Rejected."""
        raise NotImplementedError(f"{type(self).__name__} cannot be deleted.")

    def read(self, target_id: str) -> JSONDict:
        """Return the present values under the same paths a payload uses. Raises NotFound."""
        raise NotImplementedError(f"{type(self).__name__} cannot be read back.")

    def totals_of(self, target_id: str) -> Totals | None:
        """Return what a document came to there, in its own currency; None if it does not say. Costs one call.

        Raises NotFound, RetryableError, FlowError.
        """
        raise NotImplementedError(f"{type(self).__name__} has no totals.")

    def needs(self, payload: JSONDict) -> list[Need]:
        """Return what a document that is to be made takes from stock."""
        return []

    def available(self, items: Sequence[str]) -> Mapping[str, Mapping[str, Decimal]]:
        """Return item -> warehouse -> how much can be sold, for those of the items that are kept in stock.

        As few calls as the API allows. Raises RetryableError, FlowError.
        """
        return {}

    def usable(self, what: Usable, keys: Sequence[str]) -> set[str]:
        """Return which of these customers or items documents may be made for now. Raises RetryableError, FlowError."""
        return set()

    def standing(self, target_id: str) -> Standing:
        """Return a document as it stands there now. One that is no longer there is gone, and no error."""
        raise NotImplementedError(f"{type(self).__name__} cannot be looked at again.")

    def revise(self, standing: Standing, revision: Revision) -> Written:
        """Change a document from how it was seen to how it is wanted. Not harmless twice: look at it in between.

        Raises OutcomeUnknown when no clear answer came, ChangedMeanwhile, Rejected, RetryableError.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot be revised.")

    def cancel(self, standing: Standing) -> Written:
        """Cancel a document of which nothing was shipped. Raises like `revise`."""
        raise NotImplementedError(f"{type(self).__name__} cannot be cancelled.")

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

    def lacks(self) -> str:
        """Return the cause of what the account lacks for this to be written at all, or "". Raises like `find`."""
        return ""

    def owners(self, keys: Sequence[str]) -> dict[str, Owner]:
        """Return, for keys of records that this system once gave out, the record that is written for each: the deal
        of an order. Those that are gone are missing."""
        return {key: Owner(key, (key,)) for key in keys}

    def bills(self, keys: Sequence[str]) -> dict[str, tuple[Bill, ...]]:
        """Return the booked invoices that belong to each of these keys this system once gave out: those of the deal of
        an order. Raises RetryableError, FlowError."""
        return {}

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        """Return documents of a customer, made or changed since, that carry our reference: an earlier installation or
        a restored backup may have sent what this one does not remember."""
        return []

    def find_entry(self, reference: str, *, period: str) -> list[Existing]:
        """Return what carries our reference in a financial period, where entries can only be listed by period."""
        return []

    def find_period(self, day: date, *, is_next_open: bool = False) -> Period | None:
        """Return the financial period of a day, or with `is_next_open` the first open one from there on; None where
        the target has no periods or none that fits."""
        return None

    def read_entry(self, payload: JSONDict) -> JournalEntry | None:
        """Return a payload as the journal entry it is, to be shown; None for anything else."""
        return None

    def vat_rates(self, customers: Iterable[str]) -> Callable[[str, str, str], Decimal | None]:
        """Return what gives the VAT rate (a fraction) that will be booked for a customer's id, the target's own VAT
        code, and the VAT zone of the document ("" is the customer's), or None where that cannot be known beforehand."""
        return lambda customer, code, zone: None

    def find_created(self, sent: Sent) -> list[Written]:
        """Find what a create with an unknown outcome may have left behind, and do what is left of it to do.

        Raises NotFinished when that is refused.
        """
        raise NotImplementedError(f"{type(self).__name__} has no reference to look up.")

    def complete(self, written: Written, payload: JSONDict) -> Written:
        """Write what goes with a record that was found again after its create was never answered.

        Its parts may be there or not, so each is looked up before it is made; one that fails is told in `parts`.
        """
        return written

    def find_location(self, target_id: str, address: JSONDict) -> str:
        """Return what the target calls a customer's place at this address, in the fields of a core address, or ""."""
        return ""

    def parts(self, target_id: str, payload: JSONDict) -> tuple[Part, ...]:
        """Say what a write would do to what goes with the record, looking up but not writing; "" is one to be made."""
        return ()

    @abstractmethod
    def fields(self) -> list[FieldInfo]:
        """Every field a map may write, with what is required and how long it may be."""

    def url(self, target_id: str) -> str:
        """Return the address of the record in the target's own pages, or ""."""
        return ""


class Connector(ABC):
    """One system. Class attributes say what it is; methods say what only this API does."""

    key: ClassVar[str]
    title: ClassVar[str]
    auth: ClassVar[AuthSpec]
    hosts: ClassVar[Mapping[str, str]]  # host name -> name of the setting with its base URL
    host_audience: ClassVar[Mapping[str, str]] = {}
    dialect: ClassVar[Dialect] = Dialect()  # how its failures are worded
    rate_limit: ClassVar[RateLimit]
    quiet_setting: ClassVar[str] = (
        ""  # name of the setting with the quiet period in seconds; "": nothing may be under way
    )
    parallel_setting: ClassVar[str] = ""  # name of the setting with how many calls may go out side by side
    clock_setting: ClassVar[str] = ""  # name of the setting with the zone of its times, if they name none themselves
    deadline_seconds: ClassVar[float] = 30
    form: ClassVar[tuple[FormField, ...]] = ()
    sources: ClassVar[Mapping[str, type[Source]]] = {}
    targets: ClassVar[Mapping[str, type[Target]]] = {}
    option_lists: ClassVar[tuple[str, ...]] = ()
    webhooks: ClassVar[type[Webhooks] | None] = None  # how it announces changes, if it does
    files: ClassVar[FileFormat | None] = None  # how its files are read and written, if it works with files

    def __init__(self, api: ApiClient, settings: Mapping[str, Any]) -> None:
        self.api = api
        self.settings = settings
        self.store: Store | None = None  # of a connector that works with files
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
