"""Letters about trial and orders: written in the transaction of what they tell, delivered after it, each once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from apicenter.billing.models import Letter
from apicenter.mail import send_letter
from apicenter.organizations.models import Membership, Organization
from apicenter.tenancy import current_organization_id, organization_context

logger = logging.getLogger(__name__)
Make = Callable[[], Mapping[str, Any]]  # called in the reader's language; gives what JSON can hold
ADMINISTRATORS = (Membership.Role.OWNER, Membership.Role.ADMIN)


def write_to_administrators(name: str, make: Make) -> None:
    """Write a letter to every owner and admin of the organization in context, in the language of each."""
    members = Membership.objects.filter(role__in=ADMINISTRATORS, user__is_active=True).select_related("user")
    for member in members.order_by("joined_at", "pk"):
        write(name, member.user.email, make, language=member.user.language)


def write_to_operator(name: str, make: Make) -> None:
    """Write a letter to whoever runs this installation; without an address it stands in the log only."""
    if settings.ENV.OPERATOR_EMAIL:
        write(name, settings.ENV.OPERATOR_EMAIL, make, language=settings.LANGUAGE_CODE)
    else:
        logger.warning("OPERATOR_EMAIL is empty, so nobody is told: %s", name)


def write(name: str, to: str, make: Make, *, language: str) -> None:
    """Write one letter and have it delivered once the transaction holds. The caller sees to it that it is one."""
    with translation.override(language):
        context = dict(make())
    Letter.objects.create(name=name, to=to, context=context, language=language)
    organization_id = current_organization_id()

    def deliver_soon() -> None:
        with organization_context(organization_id):
            deliver()

    transaction.on_commit(deliver_soon)


def deliver(*, now: datetime | None = None) -> int:
    """Send what is written and unsent in the organization in context. Returns how many the mail server took.

    A letter is claimed before it is sent and given back when the mail server does not take it: the clock tries again.
    """
    moment = now or timezone.now()
    organization = Organization.objects.get(pk=current_organization_id())
    taken = 0
    for letter in Letter.objects.filter(sent_at=None).order_by("created_at"):
        if not Letter.objects.filter(pk=letter.pk, sent_at=None).update(sent_at=moment):
            continue  # another worker has it
        try:
            send_letter(
                letter.name, letter.to, {"organization": organization, **letter.context}, language=letter.language
            )
        except OSError as error:
            Letter.objects.filter(pk=letter.pk).update(sent_at=None)
            logger.warning("letter %s waits, the mail server did not take it: %s", letter.pk, error)
            break
        taken += 1
    return taken
