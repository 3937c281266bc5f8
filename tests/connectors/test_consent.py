from __future__ import annotations

import pytest
import respx

from apicenter.organizations.models import AuditEntry, Organization
from connectors.models import Credential, Lane
from connectors.services import OtherAccount, finish_authorization, reconfigure
from tests.connectors.connections import BACK, answer_account, make_erp, make_focus

pytestmark = pytest.mark.usefixtures("fakes")


def test_finishing_pins_the_account_and_its_lane(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)

    finish_authorization(connection, "code", BACK)

    connection.refresh_from_db()
    assert (connection.account_id, connection.account_name, connection.state) == ("acc-1", "Name of acc-1", "ok")
    assert [lane.key for lane in Lane.objects.all()] == ["teamleader:app:acc-1"]
    assert Credential.objects.get().version == 1


def test_coming_back_with_another_account_changes_nothing(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)
    finish_authorization(connection, "code", BACK)
    before = Credential.objects.get().tokens

    answer_account(router, "acc-2")
    with pytest.raises(OtherAccount) as caught:
        finish_authorization(connection, "code", BACK)

    assert "Name of acc-2" in str(caught.value)
    assert "Name of acc-1" in str(caught.value)
    assert Credential.objects.get().tokens == before


def test_the_same_account_heals_the_connection(organization: Organization, router: respx.MockRouter):
    connection = make_focus(organization)
    answer_account(router)
    finish_authorization(connection, "code", BACK)
    connection.mark_problem("token.revoked", {"system": "Fake Focus"})

    finish_authorization(connection, "code", BACK)

    connection.refresh_from_db()
    assert (connection.state, connection.problem_code) == ("ok", "")


def test_what_people_do_with_a_connection_leaves_entries_without_its_secrets(
    organization: Organization, router: respx.MockRouter
):
    books, focus = make_erp(organization), make_focus(organization)
    answer_account(router)

    reconfigure(books, settings={"tenant_id": "t-2"}, secrets={"client_id": "app", "client_secret": "new-hush"})
    reconfigure(books, settings={"tenant_id": "t-2"}, secrets={"client_id": "app", "client_secret": ""})
    finish_authorization(focus, "code", BACK)
    finish_authorization(focus, "code", BACK)

    entries = list(AuditEntry.objects.order_by("created_at", "pk"))
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("connection.made", "Books"),
        ("connection.made", "Ours"),
        ("connection.changed", "Books"),
        ("connection.authorized", "Ours"),
        ("connection.authorized_again", "Ours"),
    ]
    assert (entries[2].before, entries[2].after) == (
        {"tenant_id": "t-1"},
        {"tenant_id": "t-2", "replaced": ["client_secret"]},
    )
    assert not any("hush" in f"{entry.before}{entry.after}" for entry in entries)
