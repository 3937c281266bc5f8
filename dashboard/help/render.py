"""An article as HTML: links to other articles and pages, pictures of our own pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dashboard.help.articles import DEFAULT_LANGUAGE, Article

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
PICTURE = "shot:"


def picture_of(name: str, language: str) -> str:
    """Return the path of a picture among the static files, in English if need be, or "" if nobody has made it yet."""
    paths = (f"help/{name}-{own}.png" for own in (language, DEFAULT_LANGUAGE))
    return next((path for path in paths if finders.find(path)), "")


@lru_cache(maxsize=256)
def html_of(article: Article) -> SafeString:
    """Return the article as HTML, made once per process. Its files are ours, and HTML in them is shown as text."""
    tokens = list(_finished(MARKDOWN.parse(article.body), article))
    return mark_safe(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))  # noqa: S308


def _finished(tokens: list[Token], article: Article) -> Iterator[Token]:
    anchors = iter([section.anchor for section in article.headings])
    pictures = {at: image for at, token in enumerate(tokens) if (image := _picture_in(token))}
    for at, token in enumerate(tokens):
        if at + 1 in pictures or at - 1 in pictures:  # the paragraph around a picture: the figure takes its place
            continue
        if at in pictures:
            yield _raw(_figure(pictures[at], article.language))
            continue
        if token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", next(anchors))
        if token.children:
            token.children = list(_linked(token.children))
        yield token


def _picture_in(token: Token) -> Token | None:
    """Return the picture that an inline token consists of, if it does."""
    children = token.children or []
    if len(children) == 1 and children[0].type == "image" and _address(children[0], "src").startswith(PICTURE):
        return children[0]
    return None


def _figure(image: Token, language: str) -> str:
    """Draw a picture; one that nobody has made yet is left out."""
    path = picture_of(_address(image, "src").removeprefix(PICTURE), language)
    if not path:
        return ""
    return format_html('<figure><img src="{}" alt="{}" loading="lazy"></figure>', static(path), image.content)


def _linked(tokens: list[Token]) -> Iterator[Token]:
    """Point links at our pages. A page that this installation does not have leaves its words without a link."""
    opened: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            address = address_of(_address(token, "href"))
            token.attrSet("href", address)
            opened.append(bool(address))
        if token.type not in ("link_open", "link_close") or (opened[-1] if token.nesting == 1 else opened.pop()):
            yield token


def address_of(target: str) -> str:
    """Return where a link of an article leads: `help:slug`, `url:name` of a page, or an address as it is."""
    scheme, _colon, name = target.partition(":")
    if scheme == "help":
        return reverse("dashboard:help:article", args=[name])
    if scheme != "url":
        return target
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _address(token: Token, name: str) -> str:
    return str(token.attrGet(name) or "")


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)
