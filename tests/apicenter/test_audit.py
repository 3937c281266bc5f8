"""The audit trail: who, what, before and after; only what differs."""

from __future__ import annotations

import pytest

from apicenter.audit import Actor, acting_as, record_change
from apicenter.organizations.models import AuditEntry, Organization
from tests.factories import inside, make_organization, make_user


@pytest.fixture
def organization(db: None) -> Organization:
    return make_organization()


def test_keeps_who_did_it_and_only_what_differs(organization: Organization):
    sofie = make_user()

    with inside(organization), acting_as(Actor(sofie, address="192.0.2.7")):
        record_change(
            "flow.changed", subject="Orders", before={"hold": True, "branch": "1"}, after={"hold": False, "branch": "1"}
        )
        entry = AuditEntry.objects.get()

    assert (entry.user, entry.who, entry.address) == (sofie, "Sofie Claes", "192.0.2.7")
    assert (entry.before, entry.after) == ({"hold": True}, {"hold": False})


def test_writes_nothing_when_nothing_changed(organization: Organization):
    with inside(organization):
        assert record_change("flow.changed", before={"hold": True}, after={"hold": True}) is None
        assert not AuditEntry.objects.exists()


def test_the_platform_itself_has_no_name(organization: Organization):
    with inside(organization):
        record_change("flow.paused", subject="Orders")

        assert AuditEntry.objects.get().who == ""
