"""The second step of signing in: who has one, who must have one, and how its secrets are stored."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction

from apicenter.crypto import open_personal, seal_personal
from apicenter.organizations.models import Organization, User

PLACE = "authenticator"
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for one of these
SEALED_FIELDS = ("secret", "seed")


def has_second_step(user: User) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=STEPS).exists()


def second_steps(users: Iterable[User]) -> dict[int, set[str]]:
    """Return what each of these people has: codes from an app, a key, or both."""
    found: dict[int, set[str]] = {}
    rows = Authenticator.objects.filter(user__in=[user.pk for user in users], type__in=STEPS)
    for user_id, kind in rows.values_list("user_id", "type"):
        found.setdefault(user_id, set()).add(kind)
    return found


def is_required_of(user: User) -> bool:
    """Tell whether one of the person's organizations wants a second step from everybody."""
    return Organization.objects.filter(members=user, require_mfa=True).exists()


def is_last_step(authenticator: Authenticator) -> bool:
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=STEPS).exclude(pk=authenticator.pk)
    return authenticator.type in STEPS and not others.exists()


def seal_again() -> int:
    """Seal what is stored with the active key, also what was stored in the clear before. Returns how many rows."""
    count = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            sealed = {name: row.data[name] for name in SEALED_FIELDS if name in row.data}
            if sealed:
                row.data |= {name: seal_personal(open_personal(text, PLACE), PLACE) for name, text in sealed.items()}
                row.save(update_fields=["data"])
                count += 1
    return count
