"""What belongs to a customer and is a record of its own there: contacts and delivery locations. Pure.

Everything is matched with what stands there before anything is made, so that doing it again is harmless: a contact by
its e-mail address, then by its name; a location by its id, then by its address. One that is gone in the source stays:
documents may name it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.core import JSONDict
from connectors.visma_net.read_customer import read_address_payload
from connectors.visma_net.read_values import fold_text, read_text

CONTACT, LOCATION, PEPPOL = "contact", "location", "peppol"
LISTS = {CONTACT: "contacts", LOCATION: "locations"}
MAIN_LOCATION = "MAIN"
OUR_LOCATIONS = "DEL"  # locations we name are DEL1, DEL2 …: six characters are all that some companies allow
ADDRESS = ("addressLine1", "postalCode", "city", "countryId")


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What is to become of one contact or location: `body` is what is sent, empty when nothing has to be."""

    kind: str
    label: str
    id: str = ""  # of the one that stands there
    body: JSONDict | None = None

    @property
    def is_new(self) -> bool:
        return not self.id


def wanted_contacts(payload: Mapping[str, Any]) -> list[JSONDict]:
    """Return the contacts of a payload; maps from before the list write one, under "contact"."""
    rows = [*(payload.get("contacts") or ()), payload.get("contact") or {}]
    return [row for row in rows if read_text(row.get("lastName"))]


def plan_contacts(present: Sequence[JSONDict], wanted: Iterable[JSONDict]) -> list[PartPlan]:
    """Return what has to be done, in the order of the payload. Two of the same person come to one."""
    unique: list[JSONDict] = []
    for contact in wanted:
        if not any(_is_same_mail(contact, other) or _is_twin(contact, other) for other in unique):
            unique.append(contact)
    pairs = _pair(present, unique, _is_same_mail)
    pairs |= _pair(_without(present, pairs), unique, _is_same_name, known=pairs)
    return [_plan_contact(contact, pairs.get(at)) for at, contact in enumerate(unique)]


def _plan_contact(contact: JSONDict, row: JSONDict | None) -> PartPlan:
    label = " ".join(part for name in ("firstName", "lastName") if (part := read_text(contact.get(name))))
    if row is None:
        return PartPlan(CONTACT, label, body=contact)
    changes = {name: value for name, value in contact.items() if (row.get(name) or "") != value}
    return PartPlan(CONTACT, label, str(row["contactId"]), changes)


def plan_locations(present: Sequence[JSONDict], payload: Mapping[str, Any]) -> list[PartPlan]:
    """Return what has to be done for the extra delivery addresses.

    One that is the customer's own address is none. An address that changed rewrites the location we made for it, where
    only one of ours is left that nobody asks for: then it can be no other.
    """
    own = {_place(payload.get(name)) for name in ("mainAddress", "deliveryAddress")}
    wanted = {_place(row.get("address")): row for row in payload.get("locations") or ()}
    asked = [row for place, row in wanted.items() if place not in own and place[0]]
    pairs = _pair(present, asked, _is_same_id)
    pairs |= _pair(_without(present, pairs), asked, _is_same_place, known=pairs)
    left = [at for at in range(len(asked)) if at not in pairs]
    spare = [row for row in _without(present, pairs) if _id(row).startswith(OUR_LOCATIONS)]
    if len(left) == len(spare) == 1:
        pairs[left[0]] = spare[0]
    taken = {_id(row) for row in present}
    return [_plan_location(row, pairs.get(at), taken) for at, row in enumerate(asked)]


def _plan_location(row: JSONDict, found: JSONDict | None, taken: set[str]) -> PartPlan:
    address = row.get("address") or {}
    label = read_text(row.get("locationName")) or ", ".join(
        part for name in ("addressLine1", "city") if (part := read_text(address.get(name)))
    )
    if found is None:
        own_id = read_text(row.get("locationId")) or _next_id(taken)
        taken.add(own_id)
        return PartPlan(LOCATION, label, body={**row, "locationId": own_id})
    if not _id(found).startswith(OUR_LOCATIONS) and _id(found) != read_text(row.get("locationId")):
        return PartPlan(LOCATION, label, _id(found))  # somebody else's place at this address: it serves as it is
    stands = {**found, "address": read_address_payload(found.get("address"))}
    wanted = {name: value for name, value in row.items() if name != "locationId"}
    return PartPlan(LOCATION, label, _id(found), _changes(stands, wanted))


def _changes(stands: Mapping[str, Any], wanted: Mapping[str, Any]) -> JSONDict:
    """Return what differs. An address goes as a whole: it is one thing."""
    changed: JSONDict = {}
    for name, value in wanted.items():
        there = stands.get(name)
        if isinstance(value, dict):
            is_same = isinstance(there, dict) and all((there.get(key) or "") == inner for key, inner in value.items())
        else:
            is_same = (there or "") == value
        if not is_same:
            changed[name] = value
    return changed


def plan_peppol(present: Sequence[JSONDict], payload: Mapping[str, Any]) -> list[PartPlan]:
    """Return what has to be done for the Peppol id: it stands on the main location, not on the customer."""
    scheme = payload.get("peppolScheme") or {}
    if not read_text(scheme.get("endpoint")):
        return []
    main = next((row for row in present if _id(row).upper() == MAIN_LOCATION), {})
    changes = _changes(main, {"peppolScheme": scheme})
    return [PartPlan(PEPPOL, str(scheme["endpoint"]), MAIN_LOCATION, changes)]


def location_for(present: Sequence[JSONDict], address: Mapping[str, Any]) -> str:
    """Return the id of the location at an address, or ""."""
    place = _place(address)
    return next((_id(row) for row in present if place[0] and _place(_address_of(row)) == place), "")


def _pair(
    present: Sequence[JSONDict],
    wanted: Sequence[JSONDict],
    is_same: Callable[[JSONDict, JSONDict], bool],
    *,
    known: Collection[int] = (),
) -> dict[int, JSONDict]:
    """Return which row each wanted one is, those that are known left out; a row is given away once."""
    free = list(present)
    pairs: dict[int, JSONDict] = {}
    for at, one in enumerate(wanted):
        row = None if at in known else next((row for row in free if is_same(one, row)), None)
        if row is not None:
            free = [other for other in free if other is not row]
            pairs[at] = row
    return pairs


def _without(present: Sequence[JSONDict], pairs: Mapping[int, JSONDict]) -> list[JSONDict]:
    taken = [id(row) for row in pairs.values()]
    return [row for row in present if id(row) not in taken]


def _is_same_mail(contact: JSONDict, row: JSONDict) -> bool:
    mail = fold_text(read_text(contact.get("email")))
    return bool(mail) and mail == fold_text(read_text(row.get("email")))


def _is_same_name(contact: JSONDict, row: JSONDict) -> bool:
    return all(fold_text(row.get(name)) == fold_text(contact.get(name)) for name in ("firstName", "lastName"))


def _is_twin(contact: JSONDict, other: JSONDict) -> bool:
    """Whether two contacts of a payload are one person: the same name, and at most one address between them."""
    mails = {fold_text(read_text(one.get("email"))) for one in (contact, other)} - {""}
    return len(mails) <= 1 and _is_same_name(contact, other)


def _is_same_id(location: JSONDict, row: JSONDict) -> bool:
    wanted = read_text(location.get("locationId"))
    return wanted is not None and wanted.upper() == _id(row).upper()


def _is_same_place(location: JSONDict, row: JSONDict) -> bool:
    return _id(row).upper() != MAIN_LOCATION and _place(location.get("address")) == _place(_address_of(row))


def _id(row: JSONDict) -> str:
    return read_text(row.get("locationId")) or ""


def _address_of(row: JSONDict) -> JSONDict:
    return read_address_payload(row.get("address"))


def _place(address: Any) -> tuple[str, ...]:
    address = address if isinstance(address, dict) else {}
    return tuple("".join(fold_text(read_text(address.get(name))).split()) for name in ADDRESS)


def _next_id(taken: set[str]) -> str:
    number = 1
    while f"{OUR_LOCATIONS}{number}" in taken:
        number += 1
    return f"{OUR_LOCATIONS}{number}"
