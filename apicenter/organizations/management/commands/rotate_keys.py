"""`manage.py rotate_keys`: wrap data keys, what people sign in with, and their sessions with the first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apicenter import sealed_sessions
from apicenter.crypto import Undecryptable, rewrap_data_key
from apicenter.organizations import second_step
from apicenter.organizations.models import Organization


class Command(BaseCommand):
    help = "Wrap all that is sealed with the first key of APICENTER_KEYS; older keys may be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for organization_id in Organization.objects.values_list("pk", flat=True):
            with transaction.atomic():
                organization = Organization.objects.select_for_update().get(pk=organization_id)
                try:
                    organization.data_key = rewrap_data_key(bytes(organization.data_key), organization.pk)
                except Undecryptable as error:
                    raise CommandError(f"{organization.name}: {error}") from error
                organization.save(update_fields=["data_key"])
                count += 1
        secrets, sessions = second_step.seal_again(), sealed_sessions.seal_again()
        self.stdout.write(
            f"{count} data keys, {secrets} sign-in secrets and {sessions} sessions are wrapped with the active key."
        )
