"""When a flow runs, as a person chooses it."""

from __future__ import annotations

import pytest
from django.test import Client

from flows.models import Flow
from tests.dashboard.flow.pages import address, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"how": "30"}, (30, None, "")),
        ({"how": "daily", "at": "06:15", "cron": "junk"}, (None, "06:15", "")),
        ({"how": "cron", "cron": "0 6 * * 1-5"}, (None, None, "0 6 * * 1-5")),
        ({"how": "hand"}, (None, None, "")),
    ],
)
def test_a_schedule_is_chosen(client: Client, flow: Flow, sent: dict[str, str], stored: tuple[object, object, str]):
    client.post(address(flow, "schedule/save/"), sent)

    flow.refresh_from_db()
    at = flow.daily_at.strftime("%H:%M") if flow.daily_at else None
    assert (flow.every_minutes, at, flow.cron) == stored
    assert (flow.next_run_at is None) == (sent["how"] == "hand")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"how": "daily"}, "Choose a time."),
        ({"how": "cron", "cron": "0 99 * * *"}, "“99” cannot be read as hour."),
        ({"how": "cron"}, "five parts"),
        ({"how": "7"}, "Select a valid choice."),
        ({}, "This field is required."),
    ],
)
def test_a_wrong_schedule_is_told_and_changes_nothing(client: Client, flow: Flow, sent: dict[str, str], sentence: str):
    assert sentence in client.post(address(flow, "schedule/save/"), sent).content.decode()
    assert Flow.objects.get().next_run_at is None


def test_the_next_three_times_are_shown_while_one_chooses(client: Client, flow: Flow):
    part = text_of(client, address(flow, "schedule/?how=cron&cron=0+6+*+*+*"), hx_request="true")

    assert part.startswith('<div class="well small" id="coming"')
    assert part.count("06:00") == 3


def test_the_page_says_how_often_in_words(client: Client, flow: Flow):
    client.post(address(flow, "schedule/save/"), {"how": "daily", "at": "06:15"})

    assert "daily at 06:15" in text_of(client, address(flow))
