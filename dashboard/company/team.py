"""The page about the people: who, as what, with which second step; who is invited; what each role may do."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apicenter.organizations.members import may_manage, roles_to_give
from apicenter.organizations.models import Membership
from apicenter.organizations.second_step import second_steps
from dashboard import access
from dashboard.company.trail import TrailLine, changes, lines_of

Role = Membership.Role
ALL = (Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER)
SHOWN_OF_TRAIL = 5

RIGHTS: tuple[tuple[Promise, tuple[Role, ...]], ...] = (
    (_("See every page, the log and who changed what"), ALL),
    (_("Solve what needs you, send records again, pause flows"), ALL[:3]),
    (_("Change field maps, value tables and settings of flows"), ALL[:3]),
    (_("Connect and disconnect systems"), ALL[:2]),
    (_("Invite people, change roles, change the settings of the company"), ALL[:2]),
    (_("Pay and change the plan"), ALL[:1]),
    (_("Export everything, delete the company"), ALL[:1]),
)
PURPOSES: dict[str, Promise] = {
    Role.ADMIN: _("Runs it all: systems, people, settings."),
    Role.EDITOR: _("Works with it every day: solves what needs somebody, changes flows and tables."),
    Role.VIEWER: _("Sees everything and changes nothing. Right for an accountant."),
}
STEP_WORDS: dict[str, Promise] = {
    Authenticator.Type.TOTP: _("app"),
    Authenticator.Type.WEBAUTHN: _("passkey"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the list shows it to whoever looks."""

    membership: Membership
    language: str
    steps: str  # "" = none
    is_you: bool
    may_be_managed: bool
    tint: int  # of the round sign, one of four


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One thing people do, and for each role whether it may."""

    what: Promise
    may: list[bool]


def people(by: Membership) -> list[Person]:
    """Return everybody, as seen by one of them."""
    rows = list(access.members())
    steps = second_steps(row.user for row in rows)
    return [
        Person(
            membership=row,
            language=get_language_info(row.user.language)["name_local"].capitalize(),
            steps=", ".join(str(STEP_WORDS[kind]) for kind in sorted(steps.get(row.user_id, ()))),
            is_you=row.pk == by.pk,
            may_be_managed=row.pk != by.pk and may_manage(by, row),
            tint=number % 4 + 1,
        )
        for number, row in enumerate(rows)
    ]


def role_rows() -> list[RoleRow]:
    return [RoleRow(what, [role in roles for role in ALL]) for what, roles in RIGHTS]


def role_choices(by: Membership) -> list[tuple[str, str]]:
    """Return the roles this member may give, with their names."""
    return [(role, str(Role(role).label)) for role in roles_to_give(by)]


def latest_changes() -> list[TrailLine]:
    return lines_of(changes(with_sign_ins=False).order_by("-created_at", "-pk")[:SHOWN_OF_TRAIL])
