"""Deals as they are written back to: custom fields, and the phase a deal stands in. They are not made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import NotFound, RecordError
from connectors.base import FieldInfo, FieldType, Text, Written
from connectors.core import JSONDict
from connectors.maps import FieldMap, ResourceMap
from connectors.shared import Owner, owner_of
from connectors.teamleader.api import FocusTarget
from connectors.teamleader.custom_fields import load_definitions, write_custom_fields
from connectors.teamleader.deal_choice import WON
from connectors.teamleader.fields import custom_target_fields
from connectors.teamleader.orders import DEAL_PREFIX, deals_of
from connectors.teamleader.read_values import read_custom_fields, read_id

LOST = "lost"
DEAL_MAP = ResourceMap(fields=(FieldMap(target="phase_id", source="status", table="phase"),), skips_empty=True)
DEAL_TARGETS = (FieldInfo("phase_id", _("Phase"), FieldType.CHOICE, _("Deal"), list_name="deal_phases"),)


class DealTarget(FocusTarget):
    """Deals that exist: people make them. What has no value yet is left as it is, so that nothing that they typed is
    cleared."""

    kind: ClassVar[str] = "deals"
    title: ClassVar[Text] = _("Deals")
    natural_key: ClassVar[str] = "id"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = DEAL_TARGETS
    default_map: ClassVar[ResourceMap] = DEAL_MAP
    can_create: ClassVar[bool] = False
    is_referenced: ClassVar[bool] = False

    def owners(self, keys: Sequence[str]) -> dict[str, Owner]:
        """Return the deal of each order, whose key is the id of its quotation (or "deal:<id>"), with what else of that
        deal may be an order. A call for a hundred quotations, and one for each deal."""
        deals = deals_of(self.focus, keys)
        infos = self.focus.infos("deals", deals.values())
        return {key: _owner(deal, infos[deal]) for key, deal in deals.items() if not isinstance(infos[deal], NotFound)}

    def update(self, target_id: str, payload: JSONDict) -> Written:
        """Write the fields, then move the deal, unless it is lost. Raises RecordError "deal.reopened".

        Orders of one deal are written one after the other, so that it is moved once.
        """
        deal_id = owner_of(target_id)
        with self._turns.setdefault(deal_id, Lock()):
            return replace(self._update(deal_id, payload), id=target_id)

    def _update(self, deal_id: str, payload: JSONDict) -> Written:
        body = self._body(payload)
        sent: JSONDict = {}
        if body:
            self.focus.post("deals.update", {"id": deal_id, **body})
            sent["deals.update"] = body
        phase = str(payload.get("phase_id") or "")
        deal = self.focus.info("deals", deal_id) if phase else {}
        note = ""
        if phase and deal.get("status") == LOST:
            note = "deal.lost_stays"
        elif phase and read_id(deal.get("current_phase")) != phase:
            self._move(deal, phase)
            sent["deals.move"] = {"phase_id": phase}
        answer = "done" if sent else "kept"
        return Written(deal_id, url=str(deal.get("web_url") or ""), answer=answer, sent=sent, note=note)

    def _body(self, payload: JSONDict) -> JSONDict:
        body: JSONDict = {}
        values = {
            name: value for name, value in (payload.get("custom_fields") or {}).items() if value not in (None, "")
        }
        if values:
            body["custom_fields"] = write_custom_fields(values, self._definitions)
            body["custom_fields_update_strategy"] = "partial"  # otherwise all others are emptied
        return body

    def _move(self, deal: JSONDict, phase: str) -> None:
        """Move a deal, and look whether it is still won: what a move does to that is not documented."""
        self.focus.post("deals.move", {"id": deal["id"], "phase_id": phase})
        if deal.get("status") == WON and self.focus.info("deals", deal["id"]).get("status") != WON:
            raise RecordError("deal.reopened", what=str(deal.get("title") or deal["id"]))

    def read(self, target_id: str) -> JSONDict:
        deal = self.focus.info("deals", owner_of(target_id))
        return {
            "phase_id": read_id(deal.get("current_phase")),
            "custom_fields": read_custom_fields(deal.get("custom_fields")),
        }

    def fields(self) -> list[FieldInfo]:
        return [*DEAL_TARGETS, *custom_target_fields(self._definitions)]

    @cached_property
    def _turns(self) -> dict[str, Lock]:
        return {}

    @cached_property
    def _definitions(self) -> dict[str, JSONDict]:
        return load_definitions(self.focus, "deal")


def _owner(deal_id: str, deal: JSONDict | RecordError) -> Owner:
    """A deal that cannot be read tells of no other orders; writing it will say why."""
    rows = [] if isinstance(deal, RecordError) else deal.get("quotations") or []
    return Owner(deal_id, (*(row["id"] for row in rows), f"{DEAL_PREFIX}{deal_id}"))
