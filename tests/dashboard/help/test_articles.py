"""Help articles: complete in three languages, linked to what exists, shown as HTML."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from dashboard.help import render
from dashboard.help.articles import GROUPS, LANGUAGES, SLUGS, Article, ArticleError, library, parse, problems_of
from dashboard.help.context import CONNECTORS, KINDS, PAGES, address_for, slug_for
from dashboard.help.render import html_of, picture_of
from dashboard.help.views import GROUP_ICONS, GROUP_TITLES
from flows.catalog.registry import FLOW_KINDS

HEAD = "---\ntitle: T\nsummary: S\ngroup: start\nkeywords: a, b\n---\n"
ARTICLES = [library()[language][slug] for language in LANGUAGES for slug in SLUGS]
PAGE_LINKS = sorted({name for article in ARTICLES for name in article.targets("url")})


def article_of(body: str) -> Article:
    return parse(HEAD + body, slug="first-steps", language="en")


def page_names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    """Return all names of pages and of the namespaces they lie in."""
    names = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            own = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            names |= {own.rstrip(":")} | page_names(pattern.url_patterns, own)
        elif pattern.name:
            names.add(prefix + pattern.name)
    return names


def test_every_article_is_there_in_every_language():
    assert problems_of(library()) == []
    assert {language: tuple(articles) for language, articles in library().items()} == dict.fromkeys(LANGUAGES, SLUGS)


def test_every_group_has_a_title_and_an_icon():
    assert GROUPS.keys() == GROUP_TITLES.keys() == GROUP_ICONS.keys()


@pytest.mark.parametrize("article", ARTICLES, ids=lambda one: f"{one.language}-{one.slug}")
def test_an_article_is_short_and_has_headings(article: Article):
    assert 120 <= sum(any(map(str.isalnum, word)) for word in article.body.split()) <= 450  # lines of tables are none
    assert article.headings
    assert len(article.summary) <= 130


@pytest.mark.parametrize("article", ARTICLES, ids=lambda one: f"{one.language}-{one.slug}")
def test_links_to_articles_lead_somewhere(article: Article):
    assert set(article.targets("help")) <= set(SLUGS)


@pytest.mark.parametrize("name", PAGE_LINKS)
def test_links_to_pages_lead_somewhere(name: str):
    assert reverse(name)


def test_the_languages_link_to_the_same_pages():
    for slug in SLUGS:
        links = {frozenset(library()[language][slug].targets("url")) for language in LANGUAGES}
        assert len(links) == 1, slug


@pytest.mark.parametrize("article", ARTICLES, ids=lambda one: f"{one.language}-{one.slug}")
def test_an_article_becomes_html_without_leftovers(article: Article):
    html = html_of(article)

    assert not re.search(r"\]\(|\*\*|^## |href=\"(help|url|shot):|&lt;", html, re.MULTILINE)
    assert [section.anchor for section in article.headings] == re.findall(r'<h2 id="([^"]+)"', html)


def test_html_in_an_article_is_shown_as_text():
    assert "<script>" not in html_of(article_of("<script>alert(1)</script>\n"))


def test_a_link_to_a_page_that_is_not_there_leaves_its_words():
    html = html_of(article_of("See [the moon](url:dashboard:moon) and [the log](url:dashboard:log).\n"))

    assert html == f'<p>See the moon and <a href="{reverse("dashboard:log")}">the log</a>.</p>\n'


def test_a_picture_that_nobody_has_made_is_left_out():
    assert html_of(article_of("Before\n\n![Moon](shot:moon)\n\nAfter\n")) == "<p>Before</p>\n<p>After</p>\n"


def test_a_picture_comes_in_english_if_there_is_none_in_the_language(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(render.finders, "find", lambda path: path if path == "help/moon-en.png" else None)

    assert picture_of("moon", "nl") == "help/moon-en.png"
    html = html_of(article_of('![A "full" moon](shot:moon)\n'))
    assert '<img src="/static/help/moon-en.png" alt="A &quot;full&quot; moon"' in html


def test_french_marks_do_not_begin_a_line():
    french = parse(HEAD + "Vrai ? « Oui » : 21 %\n", slug="first-steps", language="fr")

    assert french.body == "Vrai\xa0? «\xa0Oui\xa0»\xa0: 21\xa0%\n"
    assert parse(HEAD + "21 %\n", slug="first-steps", language="nl").body == "21 %\n"


def test_headings_of_the_same_words_have_addresses_of_their_own():
    article = article_of("## One\na\n## One\nb\n## +\nc\n")

    assert len({section.anchor for section in article.headings}) == 3


@pytest.mark.parametrize("text", ["no head", "---\ntitle: T\n---\nx", "---\nnonsense\n---\nx", HEAD.replace("T", "")])
def test_an_article_without_a_proper_head_is_refused(text: str):
    with pytest.raises(ArticleError, match="en/first-steps"):
        parse(text, slug="first-steps", language="en")


def test_differences_between_languages_are_found():
    one, other = article_of("## One\n"), article_of("No heading\n")
    found = problems_of({"en": {"first-steps": one}, "fr": {"first-steps": other}, "nl": {}})

    assert "nl/first-steps is missing" not in problems_of(library())
    assert "first-steps has different numbers of headings" in found


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_map_of_pages_names_pages_and_articles(name: str):
    assert PAGES[name] in {*SLUGS, ""}
    assert name in page_names(get_resolver().url_patterns)


def test_every_kind_of_flow_and_every_system_has_its_article():
    assert KINDS.keys() == FLOW_KINDS.keys()
    assert {*KINDS.values(), *CONNECTORS.values()} <= set(SLUGS)


def test_the_nearest_name_decides():
    assert slug_for("dashboard:flow", kind="orders") == "orders-flow"
    assert slug_for("dashboard:setup:connect", connector="teamleader") == "connect-teamleader"
    assert slug_for("dashboard:setup:questions") == "first-steps"
    assert slug_for("dashboard:flow_map", kind="orders") == "field-mapping"
    assert address_for("account_login") == reverse("dashboard:help:index")
