"""The articles with the list of functions, which is written from the functions themselves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from django.utils.translation import override

from dashboard.help.articles import DEFAULT_LANGUAGE, Article, library, sections_of
from dashboard.mapping.words import example_words, grouped_functions
from flows.transforms import Transform

MARK = "[[functions]]"
BREAK = "  \n  "  # a new line inside an item of a list


@cache
def articles_in(language: str) -> dict[str, Article]:
    """Return the articles in a language, in English if there are none, with what is generated in its place."""
    found = library().get(language[:2]) or library()[DEFAULT_LANGUAGE]
    return {slug: with_functions(article) for slug, article in found.items()}


def with_functions(article: Article) -> Article:
    """Return the article with a list of functions per group in the place of its mark, in its language."""
    if MARK not in article.body:
        return article
    with override(article.language):
        body = article.body.replace(MARK, "\n\n".join(_group(*group) for group in grouped_functions()))
    return replace(article, body=body, sections=sections_of(body))


def _group(title: str, functions: list[Transform]) -> str:
    lines = (f"- **{_plain(one.title)}**{BREAK}{_plain(one.description)}{BREAK}{_example(one)}" for one in functions)
    return "\n".join((f"## {title}", "", *lines))


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("`", "\\`").replace("_", "\\_")


def _example(one: Transform) -> str:
    """Write the example as code, on one line: a line break shows as its sign."""
    text = " ".join(example_words(one).replace("\n", "⏎").split())
    return f"`` {text} ``"
