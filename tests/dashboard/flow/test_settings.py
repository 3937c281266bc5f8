"""Settings, name and state of a flow, and taking it away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apicenter.organizations.models import Membership
from connectors.models import Lane
from dashboard.flow_settings.setting_form import SettingForm
from flows.models import Binding, Flow, Run, RunRecord, Tally
from flows.services import start_run
from tests.dashboard.flow.pages import State, address, client_of, said, text_of
from tests.dashboard.people import show_again, signed_in_just_now
from tests.dashboard.test_setting_form import posted
from tests.factories import make_held_record, make_organization, make_run, make_user
from tests.flows.memory import make_row

pytestmark = pytest.mark.django_db


def test_settings_are_saved_and_marked_and_set_back(client: Client, flow: Flow):
    changed = posted(SettingForm(flow, {}, []), only_sellable=False)
    assert "Saved." in said(client, address(flow, "settings/save/"), changed)
    flow.refresh_from_db()
    assert flow.settings["only_sellable"] is False

    page = text_of(client, address(flow, "settings/"))
    assert "Usual: yes." in page
    assert 'name="reset" value="only_sellable"' in page

    assert "as usual again" in said(client, address(flow, "settings/save/"), {"reset": "only_sellable"})
    flow.refresh_from_db()
    assert flow.settings["only_sellable"] is True


def test_saving_says_how_many_records_are_sent_again(client: Client, flow: Flow):
    run = make_run(flow)
    for key in ("A", "B"):
        make_held_record(run, key, code="setting.missing", params={"setting": "x"}, source=make_row(key))

    changed = posted(SettingForm(flow, {}, []), kinds=["ServiceItem"])
    words = said(client, address(flow, "settings/save/"), changed)

    assert "2 records are sent again" in words
    assert RunRecord.objects.filter(state=State.WAITING).count() == 2


def test_a_flow_is_renamed(client: Client, flow: Flow):
    client.post(address(flow, "rename/"), {"name": "Lamps"})

    assert "<h1>Lamps</h1>" in text_of(client, address(flow))
    assert "at most 150 characters" in client.post(address(flow, "rename/"), {"name": " "}).content.decode()


def test_only_admins_delete_a_flow_and_are_told_what_goes(client: Client, flow: Flow, records: None):
    editor, viewer = (client_of(flow.organization, role) for role in (Membership.Role.EDITOR, Membership.Role.VIEWER))
    stranger = make_user("stranger@example.com")
    make_organization("Elsewhere", owner=stranger)
    outside = signed_in_just_now(stranger)
    for other, answer in ((editor, 403), (viewer, 403), (outside, 404)):
        assert other.get(address(flow, "delete/")).status_code == answer
        assert other.post(address(flow, "delete/now/")).status_code == answer
    assert "delete/" not in text_of(editor, address(flow, "settings/"))

    page = text_of(client, address(flow, "delete/"))
    assert "3 records in the log" in page
    assert "3 pairs of records" in page
    show_again(client)
    assert "is deleted" in said(client, address(flow, "delete/now/"))

    assert not Flow.objects.exists()
    assert not Tally.objects.exists()
    assert Binding.objects.count() == 3


def test_a_flow_at_work_is_not_deleted(client: Client, flow: Flow):
    start_run(flow, Run.Trigger.MANUAL)
    Lane.objects.update(lease_until=timezone.now() + timedelta(minutes=1))

    show_again(client)
    assert "is at work" in said(client, address(flow, "delete/now/"))
    assert Flow.objects.exists()


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (Flow.State.DRAFT, "This flow is being set up."),
        (Flow.State.PAUSED, "Paused: nothing is read or sent until you resume it"),
        (Flow.State.ACTIVE, "Not run yet."),
    ],
)
def test_the_first_line_says_how_things_are(client: Client, flow: Flow, state: str, verdict: str):
    Flow.objects.update(state=state)

    assert verdict in text_of(client, address(flow))
