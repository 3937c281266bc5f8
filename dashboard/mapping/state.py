"""Where a person is on the mapping page: which records, which field, looked at with which record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from flows.maps.changes import FieldPlace
from flows.maps.samples import Situation, updates
from flows.models import Flow

SHOWN = ("all", "problems", "changed")


@dataclass(frozen=True, slots=True)
class Place:
    """The state in the address. `record` is the key of the record that is looked at, "" = the newest."""

    flow: Flow
    kind: str
    in_list: str = ""
    field: str = ""
    record: str = ""
    situation: Situation = "exists"
    show: str = "all"
    q: str = ""  # search among the records
    usual: Situation = "exists"  # what is shown when nothing is chosen

    @property
    def selected(self) -> FieldPlace | None:
        return FieldPlace(self.kind, self.in_list, self.field) if self.field else None

    @property
    def query(self) -> str:
        """The state as a query, without what is as it is by itself."""
        given = {
            "kind": self.kind if self.kind != self.flow.kind else "",
            "list": self.in_list,
            "field": self.field,
            "record": self.record,
            "as": self.situation if self.situation != self.usual else "",
            "show": self.show if self.show != "all" else "",
            "q": self.q,
        }
        return urlencode({name: value for name, value in given.items() if value})

    def address(self, name: str = "dashboard:flow_map") -> str:
        base = reverse(name, args=[self.flow.pk])
        return f"{base}?{self.query}" if self.query else base

    def at(self, place: FieldPlace | None) -> Place:
        """The same with another field open, or none."""
        if place is None:
            return replace(self, field="")
        return replace(self, kind=place.resource, in_list=place.in_list, field=place.target)


def read_place(flow: Flow, query: QueryDict, kinds: Sequence[str]) -> Place:
    """Return the state of an address; what does not make sense is as if it were not given."""
    wanted = query.get("kind", "")
    kind = wanted if wanted in kinds else next(iter(kinds), flow.kind)
    usual: Situation = "exists" if updates(flow, kind) else "new"
    situations: dict[str, Situation] = {"new": "new", "exists": "exists"}
    return Place(
        flow=flow,
        kind=kind,
        in_list=query.get("list", "")[:200],
        field=query.get("field", "")[:200],
        record=_uuid_text(query.get("record", "")),
        situation=situations.get(query.get("as", ""), usual),
        show=query.get("show", "all") if query.get("show") in SHOWN else "all",
        q=query.get("q", "").replace("\0", "").strip()[:100],  # PostgreSQL stores and compares no NUL
        usual=usual,
    )


def _uuid_text(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""
