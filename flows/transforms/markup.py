"""Functions between HTML, Markdown and plain text."""

from __future__ import annotations

import html
import re
from copy import copy
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import CData, Declaration, Doctype, ProcessingInstruction
from django.utils.translation import gettext as _
from markdownify import MarkdownConverter

from flows.transforms.registry import transform
from flows.transforms.values import failed

MAX_DEPTH = 60  # deeper HTML is no description, and each level costs stack and indentation
MARKUP_BUDGET = 200_000_000  # tags times characters: the parser reads on to the end at each tag left open
UNREADABLE = (
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "head",
    "title",
    "textarea",
)
NOTES = (Comment, CData, Declaration, Doctype, ProcessingInstruction)
SAFE_LINK = re.compile(r"(https?://|mailto:|tel:)\S+\Z", re.IGNORECASE)
BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre")
_SIGN = re.compile(r"([\\`*_\[\]<|]|&(?=#?\w{1,32};)|~(?=~))")
_LINE_SIGN = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|[+-](?=\s|$)|[-=]+(?=\s*$))", re.MULTILINE)
_LINE_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C"})
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


class _Tag(Tag):
    """A tag that finds one above it by walking up: bs4 compiles a filter first, and the converter asks at each tag."""

    def find_parent(self, name: Any = None, *args: Any, **kwargs: Any) -> Tag | None:
        if not isinstance(name, str) or args or kwargs:
            return super().find_parent(name, *args, **kwargs)
        return next((one for one in self.parents if one.name == name), None)


class _Markdown(MarkdownConverter):
    """Keeps links that lead somewhere harmless and no pictures, which the other side could not show.

    An attribute is written so that it cannot close the link it stands in and begin another.
    """

    convert_fn_cache: dict[str, Any]

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        address = str(el.get("href") or "").strip()
        if not SAFE_LINK.match(address):
            return text
        el.attrs = {"href": address.translate(_IN_ADDRESS)}
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]

    def convert_video(self, el: Tag, text: str, parent_tags: Any) -> str:
        return text

    def escape(self, text: str, parent_tags: Any) -> str:
        """Escape what Markdown would read as a sign, and leave ordinary punctuation as it is."""
        text = _SIGN.sub(r"\\\1", text or "")
        return _LINE_NUMBER.sub(r"\1\\\2", _LINE_SIGN.sub(r"\1\\\2", text))

    def convert_img(self, el: Tag, text: str, parent_tags: Any) -> str:
        return self.escape(str(el.get("alt") or ""), parent_tags)


_CONVERTER = _Markdown(heading_style="ATX", bullets="-", autolinks=False)  # making its options takes as long as a text


def _clean_tree(value: str) -> BeautifulSoup:
    if value.count("<") * len(value) > MARKUP_BUDGET:
        raise failed(_("the HTML has too many tags"))
    value = value.replace("<![", "&lt;![")  # the parser stops at broken marked sections
    soup = BeautifulSoup(value, "html.parser", element_classes={Tag: _Tag})
    level: list[Tag] = [soup]
    for _depth in range(MAX_DEPTH):
        level = [child for tag in level for child in _readable_children(tag)]
        if not level:
            return soup
    raise failed(_("the HTML is nested too deeply"))


def _readable_children(tag: Tag) -> list[Tag]:
    """Return the tags inside a tag, after taking out what is not meant to be read."""
    kept: list[Tag] = []
    for child in list(tag.contents):
        if isinstance(child, NOTES) or (isinstance(child, Tag) and child.name in UNREADABLE):
            child.extract()
        elif isinstance(child, Tag):
            kept.append(child)
    return kept


@transform(
    example=('<p>Soft <b>blue</b> <a href="https://x.org/">shirt</a></p>', {}, "Soft **blue** [shirt](https://x.org/)")
)
def html_to_markdown(value: str) -> str:
    """Turn HTML into Markdown: headings, lists, bold text and links stay; scripts, styles and pictures go."""
    converter = copy(_CONVERTER)
    converter.convert_fn_cache = {}  # it keeps each tag name it ever met
    markdown = str(converter.convert_soup(_clean_tree(value)))
    return _BLANK_LINES.sub("\n\n", markdown).strip()


@transform(example=("<p>Soft <b>blue</b></p><p>shirt &amp; tie</p>", {}, "Soft blue\nshirt & tie"))
def html_to_text(value: str) -> str:
    """Turn HTML into plain text with line breaks."""
    soup = _clean_tree(value)
    for tag in soup.find_all(BLOCKS):
        tag.insert_before("\n")
        tag.append("\n")
    for cell in soup.find_all(("td", "th")):
        cell.append(" ")
    lines = (" ".join(line.split()) for line in soup.get_text().split("\n"))
    return "\n".join(line for line in lines if line)


@transform(example=("## Soft\n**blue** [shirt](https://x.org/)", {}, "Soft\nblue shirt"))
def markdown_to_text(value: str) -> str:
    """Remove the signs of Markdown and keep the words."""
    text = re.sub(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}\)", r"\1", value)
    text = re.sub(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<!\\)(\*\*|__|\*|~~|`)", "", text)
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!>~|&<=])", r"\1", text)


@transform(example=("a < b\nc", {}, "a &lt; b<br>c"))
def text_to_html(value: str) -> str:
    """Turn plain text into HTML: special signs are escaped, line breaks kept."""
    return html.escape(value).replace("\r\n", "\n").replace("\n", "<br>")
