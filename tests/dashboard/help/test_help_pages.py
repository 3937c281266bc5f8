"""The pages of the help, for members and for everybody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import conditional_escape, escape
from django.utils.translation import override

from apicenter.organizations.models import Membership
from dashboard.help.articles import LANGUAGES, SLUGS
from dashboard.mapping.words import example_words
from flows.transforms import TRANSFORMS
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import add_member, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.mark.parametrize("slug", ["", *(f"{slug}/" for slug in SLUGS)])
def test_everybody_may_read(client: Client, slug: str):
    page = client.get(f"/help/{slug}")

    assert page.status_code == 200
    assert page.content.count(b"<h1") == 1
    assert b'class="side"' not in page.content


def test_a_member_reads_in_the_usual_frame(company: Company):
    viewer = add_member(company.organization, make_user("viewer@example.com"), role=Membership.Role.VIEWER).user

    page = signed_in(viewer).get("/help/needs-you/").content.decode()

    assert 'class="side"' in page
    assert 'aria-current="page"' in page


def test_somebody_without_a_company_may_read():
    assert signed_in(make_user("new@example.com")).get("/help/").status_code == 200


def test_an_article_that_does_not_exist_is_not_found(client: Client):
    assert client.get("/help/moon/").status_code == 404


def test_reading_changes_nothing_so_it_is_not_posted(client: Client):
    assert client.post("/help/").status_code == 405


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Premiers pas"), ("nl", "Eerste stappen"), ("en", "First steps")]
)
def test_articles_come_in_the_language_of_the_reader(client: Client, language: str, title: str):
    assert title in client.get("/help/first-steps/", HTTP_ACCEPT_LANGUAGE=language).content.decode()


def test_the_search_works_without_javascript(client: Client):
    page = client.get("/help/", {"q": "tenant"}).content.decode()

    assert "<html" in page
    assert reverse("dashboard:help:article", args=["connect-visma-net"]) in page
    assert "<mark>" in page


def test_the_search_answers_with_its_part_only(client: Client):
    part = client.get("/help/", {"q": "tenant"}, **HTMX).content.decode()

    assert part.startswith('<div id="help-found">')


def test_a_question_is_shown_as_text(client: Client):
    page = client.get("/help/", {"q": "<script>"}).content.decode()

    assert "<script>”" not in page
    assert "&lt;script&gt;" in page


def test_a_search_that_finds_nothing_says_what_to_do(client: Client):
    assert "Try one word less" in client.get("/help/", {"q": "zebra"}).content.decode()


@pytest.mark.parametrize("page", ["", "help/", "help/security/"])
def test_the_question_mark_is_on_every_page(company: Company, page: str):
    assert "Help for this page" in signed_in(company.owner).get(f"/{page}").content.decode()


def test_the_question_mark_leads_to_the_article_of_the_page(company: Company):
    client = signed_in(company.owner)
    leads = {
        "/log/": "log-and-record",
        "/needs-you/": "needs-you",
        f"/flows/{company.products.pk}/": "products-flow",
        f"/flows/{company.orders.pk}/": "orders-flow",
        f"/flows/{company.orders.pk}/tables/": "value-tables",
    }

    found = {
        path: f'href="/help/{slug}/" aria-label="Help' in client.get(path).content.decode()
        for path, slug in leads.items()
    }

    assert all(found.values()), found


def test_the_address_of_the_operator_is_offered_if_there_is_one(client: Client, settings: object):
    assert "mailto:" not in client.get("/help/").content.decode()

    settings.OPERATOR_EMAIL = "help@example.com"  # type: ignore[attr-defined]

    assert "mailto:help@example.com" in client.get("/help/security/").content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_article_of_functions_shows_each_with_its_example(client: Client, language: str):
    page = client.get("/help/functions/", HTTP_ACCEPT_LANGUAGE=language).content.decode()

    with override(language):
        for one in TRANSFORMS.values():
            assert conditional_escape(one.title) in page
            assert escape(" ".join(example_words(one).replace("\n", "⏎").split())) in page


def test_a_function_is_found_by_a_word_of_its_help(client: Client):
    assert "/help/functions/" in client.get("/help/?q=EAN check digit").content.decode()
