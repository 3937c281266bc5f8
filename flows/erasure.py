"""Deleting an organization for good: every row, every secret, and the key that its data was encrypted with."""

from __future__ import annotations

import logging

from django.db import transaction

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.models import Connection, Lane
from flows.models import Binding, Candidate, Flow, Intent, Job, MapVersion, Run, RunRecord

logger = logging.getLogger(__name__)


def erase(organization: Organization) -> None:
    """Delete everything at once. There is no way back.

    Work under way finds its rows gone and stops. Nothing is deleted in the connected systems.
    """
    pk = organization.pk
    with organization_context(pk), transaction.atomic():
        Organization.objects.select_for_update().get(pk=pk)
        Flow.objects.update(state=Flow.State.PAUSED, next_run_at=None, map_version=None)
        Job.objects.all().delete()
        lanes = set(Connection.objects.exclude(lane=None).values_list("lane_id", flat=True))
        for model in (RunRecord, Run, Candidate, Intent, Binding, MapVersion, Flow, Connection):  # who refers, first
            model.objects.all().delete()
        organization.delete()  # members, invitations, the audit trail and what else belongs to it
        for lane in Lane.objects.filter(pk__in=lanes):
            lane.drop_unless_used()
    logger.info("organization %s was deleted", pk)
