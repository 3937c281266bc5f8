"""What the pages of the company do."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from apicenter.audit import Actor, acting_as, record_change
from apicenter.organizations.models import AuditEntry, Invitation, Membership, Organization, User
from dashboard.company.trail import lines_of
from flows.models import RunRecord
from tests.dashboard.company import make_company
from tests.dashboard.people import Team, make_team, signed_in, signed_in_just_now
from tests.factories import PASSWORD, add_member, inside, make_organization, make_user

pytestmark = pytest.mark.django_db
SETTINGS = {
    "name": "Verhaegen Licht",
    "language": "nl",
    "time_zone": "Europe/Paris",
    "log_days": "7",
    "masks_mail": "on",
}


@pytest.fixture
def team() -> Team:
    return make_team()


def text_of(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def trail_of(team: Team) -> list[str]:
    with inside(team.organization):
        return list(AuditEntry.objects.order_by("created_at").values_list("action", flat=True))


def test_an_invitation_is_sent_and_stands_in_the_list(team: Team):
    page = team.client("admin").post(
        "/company/team/invite/", {"email": "piet@example.com", "role": "viewer", "language": "fr"}, follow=True
    )

    assert "piet@example.com" in page.content.decode()
    assert mail.outbox[0].to == ["piet@example.com"]
    assert f"/join/{team.organization.pk}/" in str(mail.outbox[0].body)
    assert trail_of(team) == ["member.invited"]


def test_a_wrong_address_keeps_what_was_typed(team: Team):
    page = (
        team.client("admin")
        .post("/company/team/invite/", {"email": "piet@", "role": "viewer", "language": "fr"})
        .content.decode()
    )

    assert 'value="piet@"' in page
    assert 'aria-invalid="true"' in page


def test_an_admin_cannot_invite_an_owner(team: Team):
    team.client("admin").post("/company/team/invite/", {"email": "p@example.com", "role": "owner", "language": "en"})

    assert mail.outbox == []


def test_a_role_is_changed_with_one_choice(team: Team):
    pk = team.members["spare"].pk

    team.client("owner", just_now=True).post(f"/company/team/{pk}/role/", {"role": "viewer"})

    with inside(team.organization):
        assert Membership.objects.get(pk=pk).role == "viewer"


def test_a_removed_member_is_out_with_the_next_page(team: Team):
    client = team.client("spare")
    assert client.get("/company/team/").status_code == 200

    team.client("owner", just_now=True).post(f"/company/team/{team.members['spare'].pk}/remove/")

    assert client.get("/company/team/")["Location"] == "/organization/new/"


def test_the_last_owner_is_told_why_not(team: Team):
    assert "needs an owner" in team.client("owner").post("/company/team/leave/", follow=True).content.decode()


def test_ownership_goes_to_somebody_else(team: Team):
    signed_in_just_now(team.members["owner"].user).post(f"/company/team/{team.members['admin'].pk}/hand-over/")

    with inside(team.organization):
        assert Membership.objects.get(role="owner").user.email == "admin@example.com"


def test_settings_are_saved_and_written_down(team: Team):
    team.client("admin", just_now=True).post("/company/settings/", {**SETTINGS, "log_days": "30"})

    team.organization.refresh_from_db()
    assert (team.organization.time_zone, team.organization.log_days) == ("Europe/Paris", 30)
    with inside(team.organization):
        entry = AuditEntry.objects.get()
    assert entry.before == {"language": "en", "log_days": 7, "time_zone": "Europe/Brussels"}


@pytest.mark.parametrize("wrong", [{"log_days": "91"}, {"log_days": "0"}, {"time_zone": "Mars/Base"}, {"name": ""}])
def test_settings_that_make_no_sense_are_not_saved(team: Team, wrong: dict[str, str]):
    page = team.client("admin", just_now=True).post("/company/settings/", {**SETTINGS, **wrong})

    assert page.status_code == 200
    assert trail_of(team) == []


def test_a_shorter_life_of_the_log_counts_for_what_is_here():
    company = make_company()
    client = signed_in_just_now(company.owner)

    page = client.post("/company/settings/", {**SETTINGS, "log_days": "2"}, follow=True).content.decode()

    with inside(company.organization):
        latest = max(row.expires_at - row.created_at for row in RunRecord.objects.exclude(state__in=RunRecord.OPEN))
        open_rows = RunRecord.objects.filter(state=RunRecord.State.NEEDS_YOU)
        assert latest == timedelta(days=2)
        assert min(row.expires_at for row in open_rows) > timezone.now() + timedelta(days=6)
    assert "deleted sooner" in page


def test_who_asks_a_second_step_of_everybody_needs_one(team: Team):
    page = team.client("owner").post("/company/settings/", {**SETTINGS, "require_mfa": "on"}).content.decode()

    assert "Set up your own two-step sign-in first" in page
    assert not Organization.objects.get(pk=team.organization.pk).require_mfa


def test_a_member_without_a_second_step_is_led_to_it(team: Team):
    Authenticator.objects.create(user=team.members["owner"].user, type=Authenticator.Type.TOTP, data={})
    team.client("owner").post("/company/settings/", {**SETTINGS, "require_mfa": "on"})

    client = team.client("editor")
    assert client.get("/").headers.get("Location") == "/you/second-step/"
    assert client.post("/run/")["Location"] == "/you/second-step/"
    assert client.get("/", headers={"hx-request": "true"})["HX-Redirect"] == "/you/second-step/"
    assert "Verhaegen Licht asks two-step sign-in" in text_of(client, "/")
    assert team.client("owner").get("/").status_code == 200
    Authenticator.objects.create(user=team.members["editor"].user, type=Authenticator.Type.WEBAUTHN, data={})
    assert client.get("/").status_code == 200
    assert client.get("/you/second-step/")["Location"] == "/"


def test_recovery_codes_alone_are_no_second_step(team: Team):
    Organization.objects.update(require_mfa=True)
    user = team.members["editor"].user
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert signed_in(user).get("/")["Location"] == "/you/second-step/"


def test_a_company_that_does_not_ask_stays_open(team: Team):
    Organization.objects.update(require_mfa=True)
    user = team.members["editor"].user
    other = make_organization("Relaxed", owner=user)
    client = signed_in(user)

    assert "Relaxed" in text_of(client, "/you/second-step/")
    client.post("/organization/", {"organization": str(other.pk)})
    assert client.get("/").status_code == 200


def test_the_trail_tells_old_and_new_in_words(team: Team):
    team.client("owner", just_now=True).post(f"/company/team/{team.members['spare'].pk}/role/", {"role": "viewer"})

    page = text_of(team.client("viewer"), "/company/trail/")

    assert "changed the role of" in page
    assert '<span class="was">Editor</span>' in page
    assert '<span class="now">Viewer</span>' in page


def test_the_trail_names_flows_tables_and_causes_in_the_readers_language(team: Team):
    with inside(team.organization):
        record_change("flow.paused", subject="Orders")
        record_change("flow.renamed", subject="Orders of the shop")
        record_change("plan.flows_paused", subject="Orders, Produits")
        record_change("table.row_added", subject="Orders, vat: 21 %")
        record_change("table.left_open", subject="unit: PCS")
        record_change("cause.assigned", subject="Orders: vat.no_pair")
        record_change("record.ruled", subject="Produits, VV-1", after={"cause": "order.changed", "answer": "leave"})
        lines = lines_of(AuditEntry.objects.order_by("created_at", "pk"))
        with override("nl"):
            lines = lines_of([line.entry for line in lines])

    assert [line.subject for line in lines] == [
        "Orders",
        "Orders of the shop",
        "Orders, Producten",
        "Orders, Btw op orderregels: 21 %",
        "Eenheden: PCS",
        "Orders: Btw zonder tegenhanger",
        "Producten, VV-1",
    ]
    assert [(change.field, change.after) for change in lines[-1].changes][-1:] == [("Beslissing", "Laten zoals het is")]


def test_the_trail_is_filtered_by_person_action_and_day(team: Team):
    with inside(team.organization):
        with acting_as(Actor(team.members["admin"].user)):
            record_change("flow.paused", subject="Orders")
        record_change("flow.resumed", subject="Customers")
        AuditEntry.objects.filter(subject="Customers").update(created_at=timezone.now() - timedelta(days=10))
    client = team.client("owner")
    admin = team.members["admin"].user.pk
    since = (timezone.localdate() - timedelta(days=3)).isoformat()

    def subjects(query: str) -> list[str]:
        lines = client.get(f"/company/trail/?{query}").context["page"].lines
        return [line.entry.subject for line in lines]

    assert subjects("") == ["Orders", "Customers"]
    assert subjects(f"person={admin}") == ["Orders"]
    assert subjects("person=platform") == ["Customers"]
    assert subjects("action=flow.resumed") == ["Customers"]
    assert subjects(f"first={since}") == ["Orders"]
    assert subjects(f"last={since}") == ["Customers"]
    assert subjects("person=x&action=y&first=2026-99-99&older=nonsense") == ["Orders", "Customers"]


def test_a_long_trail_has_pages(team: Team):
    with inside(team.organization):
        for number in range(55):
            record_change("flow.paused", subject=f"Flow {number}")
    client = team.client("owner")

    first = client.get("/company/trail/").context["page"]
    second = client.get("/company/trail/", {"older": first.older}).context["page"]

    assert (len(first.lines), len(second.lines), second.older) == (50, 5, "")


def test_only_admins_see_addresses(team: Team):
    with inside(team.organization), acting_as(Actor(team.members["admin"].user, address="192.0.2.77")):
        record_change("flow.paused", subject="=cmd()")

    for path in ("/company/trail/", "/company/trail/export/"):
        assert "192.0.2.77" in text_of(team.client("admin"), path)
        assert "192.0.2.77" not in text_of(team.client("viewer"), path)
    assert "'=cmd()" in text_of(team.client("viewer"), "/company/trail/export/")


def test_an_export_asks_again_who_it_is_and_then_streams_a_zip(team: Team):
    owner = team.members["owner"].user
    client = signed_in(owner)

    asked = client.post("/company/data/export/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    response = client.post(asked["Location"], {"password": PASSWORD})

    file = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert "owner@example.com" in file.read("members.csv").decode()
    assert "verhaegen-licht-" in response["Content-Disposition"]
    assert trail_of(team) == ["organization.exported"]


def test_a_company_is_deleted_only_under_its_name(team: Team):
    client = signed_in_just_now(team.members["owner"].user)

    assert "not the same" in client.post("/company/data/delete/", {"typed": "Other"}).content.decode()
    page = client.post("/company/data/delete/", {"typed": " verhaegen licht"}, follow=True)

    assert page.redirect_chain[-1][0] == "/organization/new/"
    assert not Organization.objects.exists()
    assert User.objects.count() == 5


def test_whoever_has_another_company_lands_there(team: Team):
    owner = team.members["owner"].user
    make_organization("Second", owner=owner)
    client = signed_in_just_now(owner)
    client.post("/organization/", {"organization": str(team.organization.pk)})

    client.post("/company/data/delete/", {"typed": "Verhaegen Licht"})

    assert "Second" in text_of(client, "/")


def test_a_letter_that_cannot_be_sent_can_be_sent_later(team: Team, settings: object, monkeypatch: pytest.MonkeyPatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]

    page = team.client("owner").post(
        "/company/team/invite/", {"email": "piet@example.com", "role": "viewer", "language": "en"}, follow=True
    )

    assert "send it again later" in page.content.decode()
    with inside(team.organization):
        assert Invitation.objects.filter(email="piet@example.com").exists()


def test_a_person_with_two_companies_can_switch_on_every_page(team: Team):
    user = team.members["owner"].user
    second = make_organization("Second", owner=make_user("x@example.com"))
    add_member(second, user, role="viewer")

    page = text_of(signed_in(user), "/company/team/")

    assert page.count(f'value="{second.pk}"') == 2  # beside the menu, and on small screens in the person's menu


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.9")])
def test_the_trail_names_the_address_that_trusted_proxies_tell(
    team: Team, settings: object, proxies: int, address: str
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies  # type: ignore[attr-defined]
    headers = {"x-forwarded-for": "203.0.113.1, 192.0.2.9"}

    path = f"/company/team/{team.members['spare'].pk}/role/"
    team.client("owner", just_now=True).post(path, {"role": "viewer"}, headers=headers)

    with inside(team.organization):
        assert AuditEntry.objects.get().address == address
