"""Search in the help: words without accents, every language, snippets."""

from __future__ import annotations

import pytest

from dashboard.help.articles import parse
from dashboard.help.functions import articles_in
from dashboard.help.search import Bit, fold, plain, search, snippet


def slugs(language: str, question: str) -> list[str]:
    return [hit.article.slug for hit in search(articles_in(language).values(), question)]


@pytest.mark.parametrize(
    ("language", "question", "first"),
    [
        ("en", "tenant id", "connect-visma-net"),
        ("en", "two-step", "team-and-sign-in"),
        ("en", "CSV", "spreadsheets"),
        ("fr", "resilier", "trial-and-plan"),
        ("fr", "RÉSILIER", "trial-and-plan"),
        ("fr", "heures calmes", "notifications"),
        ("fr", "cle d'acces", "team-and-sign-in"),
        ("nl", "proefrun", "field-mapping"),
        ("nl", "stille uren", "notifications"),
        ("nl", "oorzaak", "needs-you"),
    ],
)
def test_the_right_article_comes_first(language: str, question: str, first: str):
    assert slugs(language, question)[0] == first


def test_the_beginning_of_a_word_is_enough():
    assert "connect-visma-net" in slugs("en", "tena")


def test_every_word_has_to_occur():
    assert slugs("en", "tenant zebra") == []


@pytest.mark.parametrize("question", ["", "   ", "?!", "()"])
def test_a_question_without_words_finds_nothing(question: str):
    assert slugs("en", question) == []


def test_a_hit_names_the_section_it_stands_in():
    hit = search(articles_in("en").values(), "contract")[0]

    assert (hit.article.slug, hit.section.heading) == ("connect-visma-net", "The steps")
    assert any(bit.is_hit and bit.text == "contract" for bit in hit.snippet)


def test_a_hit_in_title_and_keywords_alone_shows_the_summary():
    article = parse(
        "---\ntitle: Moon\nsummary: Far away.\ngroup: start\nkeywords: a\n---\nText\n", slug="x", language="en"
    )

    (hit,) = search([article], "moon")

    assert hit.snippet == (Bit("Far away.", False),)


def test_a_snippet_is_cut_at_words_and_marks_what_was_looked_for():
    text = "word " * 40 + "the Écluse here " + "word " * 60

    bits = snippet(text, ["eclu"])

    assert (bits[0].text, bits[-1].text) == ("… ", " …")
    assert [bit.text for bit in bits if bit.is_hit] == ["Écluse"]
    assert len("".join(bit.text for bit in bits)) < 200


def test_marks_of_markdown_are_not_text():
    assert plain("1. See **Bold** and [a link](help:x).\n\n![Alt](shot:y)\n- `code`") == "See Bold and a link. Alt code"


def test_folding_takes_accents_and_capitals_away():
    assert fold("Œuvre Écriture ß") == "oeuvre ecriture ss"
