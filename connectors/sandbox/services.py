"""What one does with sandbox accounts: open, seed, empty, make them fail, authorize."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from apicenter.organizations.models import Organization
from connectors.sandbox import tokens
from connectors.sandbox.faults import Faults
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.options import Options
from connectors.sandbox.seed import teamleader, visma_net

M = TypeVar("M", bound=BaseModel)
_SEEDS: dict[str, Callable[..., list[Thing]]] = {
    Account.System.TEAMLEADER: teamleader.things,
    Account.System.VISMA_NET: visma_net.things,
}


class NotAccepted(ValueError):
    """A fault or option has an unknown name or a value it cannot have; the text says which."""


def open_account(organization: Organization, system: str, *, seeded: bool = True) -> Account:
    """The organization's account of this system; made and filled when there is none yet.

    One that was filled before the seed knew a list gets that list now, and nothing else.
    """
    with transaction.atomic():
        account, is_new = Account.unscoped.get_or_create(
            organization=organization,
            system=Account.System(system),
            defaults={
                "client_id": f"sandbox-{system.replace('_', '-')}-{secrets.token_hex(8)}",
                "client_secret": secrets.token_urlsafe(24),
            },
        )
        if is_new and seeded:
            _seed(account, now=timezone.now())
        elif seeded:
            fill_missing(account, now=timezone.now())
    return account


def fill_missing(account: Account, *, now: datetime) -> int:
    """Add the records of each seeded kind of which a seeded account holds none at all. Returns how many are added."""
    held = set(account.things.values_list("kind", flat=True).distinct())
    if not held or _seeded_kinds(account.system) <= held:
        return 0
    counters = account.counters
    missing = [thing for thing in _SEEDS[account.system](account, now=now) if thing.kind not in held]
    account.counters = counters  # the number series go on where they are
    Thing.objects.bulk_create(missing, batch_size=200)
    return len(missing)


@cache
def _seeded_kinds(system: str) -> frozenset[str]:
    nobody = Account(organization_id=uuid4(), system=system)
    things = _SEEDS[system](nobody, now=timezone.now())
    return frozenset(thing.kind for thing in things)


def reset(account: Account, *, now: datetime | None = None) -> None:
    """Empty the account and seed it again; tokens, options and faults stay, so connections go on working."""
    with transaction.atomic():
        Account.unscoped.select_for_update().get(pk=account.pk)
        account.things.exclude(kind="webhook").delete()  # nor does a company lose its subscriptions
        account.counters = {}
        _seed(account, now=now or timezone.now())


def set_faults(account: Account, **values: Any) -> Faults:
    """Change faults by name; the draws start anew. Raises NotAccepted."""
    with transaction.atomic():
        stored = Account.unscoped.select_for_update().get(pk=account.pk)
        faults = _checked(Faults, {**stored.faults, "draws": 0, **values})
        if faults.expire_tokens:
            tokens.expire_access_tokens(stored)
            faults = faults.model_copy(update={"expire_tokens": False})
        account.faults = faults.model_dump(mode="json", exclude_defaults=True)
        account.save(update_fields=["faults"])
    return faults


def set_options(account: Account, **values: Any) -> Options:
    """Change options by name. Raises NotAccepted."""
    with transaction.atomic():
        stored = Account.unscoped.select_for_update().get(pk=account.pk)
        changed = _checked(Options, {**stored.options, **values})
        given = changed.model_dump(mode="json")
        account.options = {name: given[name] for name in (*stored.options, *values)}
        account.save(update_fields=["options"])
    return Options.of(account)


def living_accounts() -> list[Account]:
    """Return the accounts of every organization that have a life of their own."""
    return list(Account.unscoped.filter(options__life=True).order_by("pk"))


def authorize(account: Account, redirect_uri: str) -> str:
    """Consent as the account's user would, and return the code."""
    return tokens.issue_code(account, redirect_uri)


def _seed(account: Account, *, now: datetime) -> None:
    things = _SEEDS[account.system](account, now=now)
    Thing.objects.bulk_create(things, batch_size=200)
    account.save(update_fields=["counters"])


def _checked(model: type[M], values: dict[str, Any]) -> M:
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise NotAccepted(_("There is no fault or option named “%(name)s”.") % {"name": name}) from error
        problem = {"name": name, "problem": first["msg"]}
        raise NotAccepted(_("%(name)s cannot have this value: %(problem)s.") % problem) from error
