"""From a draft to a version, and back."""

from __future__ import annotations

import pytest
from django.test import Client

from connectors.base import FieldInfo
from connectors.maps import When
from connectors.models import Connection
from flows.maps.field_lists import keep_fields
from flows.models import MapDraft, MapVersion, RunRecord
from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import NAME, draft_of, edit, field_of, page_of, text_of
from tests.dashboard.people import signed_in
from tests.factories import add_member, inside, make_user

pytestmark = pytest.mark.django_db


def test_a_value_that_is_too_long_stops_publishing(client: Client, company: Company):
    with inside(company.organization):
        short = [FieldInfo("code", "Code", max_length=40), FieldInfo("name", "Name", max_length=5)]
        keep_fields(company.products.target, "target:products", short)
    edit(client, company, "toggle_update")

    page = client.get(page_of(company)).context["page"]

    assert [str(one) for one in page.problems] == ["Name: 19 characters, 5 fit"]
    refused = client.post(page_of(company, "publish/now/"), {"note": "x", "version": draft_of(company).version})
    assert refused.status_code == 422
    assert "19 characters" in refused.content.decode()


def test_somebody_elses_edit_is_not_overwritten(client: Client, company: Company):
    joris = make_user("joris@example.com", name="Joris De Wilde")
    add_member(company.organization, joris)
    edit(signed_in(joris), company, "toggle_update")

    answer = client.post(page_of(company, "edit/"), {"place": NAME, "version": 0, "do": "remove"})

    assert "Joris De Wilde changed this in the meantime" in answer.content.decode()
    assert field_of(company).when is When.ON_CREATE
    assert "Joris De Wilde is working in this draft too" in text_of(client, page_of(company))


def test_edits_are_undone_and_the_draft_thrown_away(client: Client, company: Company):
    edit(client, company, "toggle_update")
    edit(client, company, "toggle_create")

    client.post(page_of(company, "draft/undo/"))
    assert field_of(company).when is When.ON_CREATE
    client.post(page_of(company, "draft/redo/"))
    assert field_of(company).when is When.NEVER
    client.post(page_of(company, "draft/discard/"))
    assert draft_of(company).version == 0


def test_publishing_asks_for_a_note_and_makes_a_version(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    version = draft_of(company).version

    assert "Live now" in text_of(client, page_of(company, "publish/"))
    client.post(page_of(company, "publish/now/"), {"note": "Capitals", "version": version})

    with inside(company.organization):
        company.products.refresh_from_db()
        made = company.products.map_version
    assert (made.number, made.note, made.author) == (2, "Capitals", company.owner)


def test_the_history_shows_what_differs_and_restores(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    client.post(page_of(company, "publish/now/"), {"note": "Capitals", "version": draft_of(company).version})

    page = client.get(page_of(company, "history/")).context["page"]
    assert [line.title for line in page.lines] == ["Name"]
    assert [line.text for line in page.comparison.after if line.css] == ['  "name": "VLOERLAMP LUND, EIK",']

    client.post(page_of(company, "history/1/restore/"))
    client.post(page_of(company, "history/2/copy/"))
    with inside(company.organization):
        assert MapVersion.objects.filter(flow=company.products).count() == 3
        assert MapDraft.objects.filter(flow=company.products).exists()


def test_the_first_version_has_nothing_to_compare_with(client: Client, company: Company):
    assert "is the first" in text_of(client, page_of(company, "history/"))


def test_a_dry_run_that_cannot_reach_a_system_says_so(client: Client, company: Company):
    with inside(company.organization):
        Connection.objects.update(state=Connection.State.NEEDS_PERSON)

    answer = client.post(page_of(company, "trial/"), {"count": "10"})

    assert "The dry run could not be made." in answer.content.decode()


def test_a_target_that_cannot_be_read_is_told_plainly(client: Client, company: Company):
    with inside(company.organization):
        row = RunRecord.objects.filter(flow=company.products, natural_key="VV-77").get()
        row.target_id = "9"
        row.save()
        company.products.target.mark_problem("token.revoked", {"system": "Teamleader"})

    assert "now could not be read" in text_of(client, page_of(company))
