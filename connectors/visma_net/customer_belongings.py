"""Writing what goes with a customer: each contact and each location is a call of its own, and may fail on its own."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apicenter.errors import ApicenterError, RecordError
from connectors.base import Part, PartAction
from connectors.core import JSONDict
from connectors.visma_net.api import Erp, created_keys, path_key
from connectors.visma_net.customer_parts import (
    CONTACT,
    LISTS,
    LOCATION,
    PEPPOL,
    PartPlan,
    plan_contacts,
    plan_locations,
    plan_peppol,
    wanted_contacts,
)
from connectors.visma_net.wrap import prune, wrap

PARTS = frozenset({"contact", "peppolScheme", *LISTS.values()})  # paths of a payload that are no fields of the customer
TITLES = {CONTACT: _("Contact"), LOCATION: _("Delivery location"), PEPPOL: _("Peppol id")}


class CustomerParts:
    """The contacts and locations of the customers of one company."""

    def __init__(self, erp: Erp) -> None:
        self.erp = erp

    def plan_new(self, payload: JSONDict) -> list[PartPlan]:
        """Plan for a customer that is being made: nothing can stand there yet."""
        payload = prune(payload)
        return [
            *plan_contacts([], wanted_contacts(payload)),
            *plan_locations([], payload),
            *plan_peppol([], payload),
        ]

    def plan(self, number: str, payload: JSONDict) -> list[PartPlan]:
        """Look up what stands there, as far as the payload has any, and plan. Raises RetryableError, FlowError."""
        payload = prune(payload)
        wanted = wanted_contacts(payload)
        contacts = plan_contacts(self._contacts(number), wanted) if wanted else []
        if not payload.get("locations") and not payload.get("peppolScheme"):
            return contacts
        places = self.locations(number)
        return [*contacts, *plan_locations(places, payload), *plan_peppol(places, payload)]

    def bring(self, number: str, payload: JSONDict, sent: JSONDict) -> tuple[Part, ...]:
        """Plan and write. What was sent is added to `sent`. Raises RetryableError, FlowError if nothing was."""
        return self.write(number, self.plan(number, payload), sent)

    def write(self, number: str, plans: Sequence[PartPlan], sent: JSONDict) -> tuple[Part, ...]:
        """Write every part that needs it. One that fails carries its error; after a limit or a lost right the rest is
        not tried, and carries the same."""
        parts: list[Part] = []
        stop: ApicenterError | None = None
        for one in plans:
            part = told(one)
            if part.action is not PartAction.SAME:
                part, stop = self._write_one(number, one, sent, stop)
            parts.append(part)
        return tuple(parts)

    def _write_one(
        self, number: str, one: PartPlan, sent: JSONDict, stop: ApicenterError | None
    ) -> tuple[Part, ApicenterError | None]:
        if stop is not None:
            return told(one, error=stop), stop
        try:
            return told(one, made_id=self._send(number, one, sent)), None
        except ApicenterError as error:
            return told(one, error=error), None if isinstance(error, RecordError) else error

    def _send(self, number: str, one: PartPlan, sent: JSONDict) -> str:
        rows = sent.setdefault(LISTS.get(one.kind, LISTS[LOCATION]), [])
        body = one.body or {}
        if one.kind == CONTACT:
            if not one.is_new:
                rows.append(wrap(body))
                self.erp.send("PUT", f"/v1/contact/{path_key(one.id)}", rows[-1])
                return one.id
            rows.append(wrap({"businessAccount": number, "active": True, **body}))
            return created_keys(self.erp.send("POST", "/v1/contact", rows[-1], is_create=True))[0]
        if not one.is_new:
            rows.append(wrap(body))
            self.erp.send("PUT", f"/v1/location/{path_key(number)}/{path_key(one.id)}", rows[-1])
            return one.id
        rows.append(wrap({"baccountId": number, "active": True, **body}))
        self.erp.send("POST", "/v1/location", rows[-1], is_create=True)
        return str(body["locationId"])

    def _contacts(self, number: str) -> list[JSONDict]:
        return self.erp.rows(f"/v1/customer/{path_key(number)}/contact")

    def locations(self, number: str) -> list[JSONDict]:
        """Return every location of a customer, the main one among them."""
        return [row for page in self.erp.pages(f"/v1/location/{path_key(number)}") for row in page]


def told(one: PartPlan, *, made_id: str = "", error: ApicenterError | None = None) -> Part:
    """Return what a plan does, or did, as everybody else knows it."""
    action = PartAction.CREATE if one.is_new else PartAction.UPDATE if one.body else PartAction.SAME
    return Part(one.kind, TITLES[one.kind], one.label, action, made_id or one.id, error)
