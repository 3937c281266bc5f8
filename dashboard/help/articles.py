"""Help articles as they are written: Markdown files with a small head, one folder per language. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.text import slugify

FOLDER = Path(__file__).resolve().parent / "articles"
LANGUAGES = ("en", "fr", "nl")
DEFAULT_LANGUAGE = "en"
HEAD = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
HEADING = re.compile(r"^## +(?P<text>.+?) *$", re.MULTILINE)
TARGET = re.compile(r"\]\((?P<scheme>help|url|shot):(?P<name>[\w:-]+)\)")
# French sets its marks apart by a space at which a line must not break.
FRENCH_SPACE = re.compile(r" (?=[:;?!»%])|(?<=«) ")
# The order of the articles, which is also the order to read them in.
GROUPS: dict[str, tuple[str, ...]] = {
    "start": ("first-steps", "connect-teamleader", "connect-visma-net", "spreadsheets", "demo-company"),
    "flows": (
        "products-flow",
        "stock-flow",
        "categories-flow",
        "orders-flow",
        "order-totals",
        "order-settings",
        "financial-mutations",
        "order-choice",
        "invoices-flow",
        "customers-flow",
        "customer-details",
        "order-status-flow",
        "payments-flow",
        "schedule-and-pause",
        "how-changes-reach-us",
        "filters-and-settings",
    ),
    "day": ("accounting-equation", "log-and-record", "needs-you", "notifications"),
    "values": ("value-tables", "field-mapping", "functions"),
    "company": ("team-and-sign-in", "security", "trial-and-plan", "api"),
    "words": ("glossary",),
}
SLUGS = tuple(slug for slugs in GROUPS.values() for slug in slugs)


class ArticleError(Exception):
    """An article is not written as it has to be."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of an article under its heading; what stands before the first heading has none."""

    heading: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language. `body` is Markdown."""

    slug: str
    language: str
    title: str
    summary: str
    group: str
    keywords: tuple[str, ...]
    body: str
    sections: tuple[Section, ...]

    @property
    def headings(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.heading)

    def targets(self, scheme: str) -> tuple[str, ...]:
        """Return what links (`help`, `url`) or pictures (`shot`) of the article name."""
        return tuple(found["name"] for found in TARGET.finditer(self.body) if found["scheme"] == scheme)


def parse(text: str, *, slug: str, language: str) -> Article:
    """Read one file. Raises ArticleError if its head is missing or not complete."""
    found = HEAD.match(FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", text) if language == "fr" else text)
    if not found:
        raise ArticleError(f"{language}/{slug}: there is no head between two lines of ---")
    head = dict(_head_line(line, slug=slug, language=language) for line in found["head"].splitlines())
    missing = {"title", "summary", "group", "keywords"} - head.keys()
    if missing or not all(head.values()):
        raise ArticleError(f"{language}/{slug}: the head lacks {', '.join(sorted(missing)) or 'a value'}")
    return Article(
        slug=slug,
        language=language,
        title=head["title"],
        summary=head["summary"],
        group=head["group"],
        keywords=tuple(word.strip() for word in head["keywords"].split(",")),
        body=found["body"],
        sections=sections_of(found["body"]),
    )


def _head_line(line: str, *, slug: str, language: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ArticleError(f"{language}/{slug}: “{line}” in the head is no name and value")
    return name.strip(), value.strip()


def sections_of(body: str) -> tuple[Section, ...]:
    """Cut an article at its headings."""
    pieces = HEADING.split(body)  # text, heading, text, heading, text …
    anchors = anchors_of(pieces[1::2])
    rest = zip(pieces[1::2], anchors, pieces[2::2], strict=True)
    return (Section("", "", pieces[0]), *(Section(*piece) for piece in rest))


def anchors_of(headings: Iterable[str]) -> list[str]:
    """Return the name in the address of each heading, different from all before it."""
    taken: list[str] = []
    for heading in headings:
        name = slugify(heading) or "part"
        taken.append(name if name not in taken else f"{name}-{len(taken)}")
    return taken


def read_folder(folder: Path) -> dict[str, dict[str, Article]]:
    """Read all articles: language, then slug, in the order of GROUPS. Raises ArticleError for a file that is wrong."""
    return {
        language: {
            slug: parse(path.read_text(encoding="utf-8"), slug=slug, language=language)
            for slug in SLUGS
            if (path := folder / language / f"{slug}.md").exists()
        }
        for language in LANGUAGES
    }


def problems_of(library: Mapping[str, Mapping[str, Article]]) -> list[str]:
    """Return what is wrong between languages: articles that lack, headings or pictures that differ in number."""
    found = []
    for slug in SLUGS:
        versions = [library[language][slug] for language in LANGUAGES if slug in library[language]]
        missing = set(LANGUAGES) - {one.language for one in versions}
        found += [f"{language}/{slug} is missing" for language in sorted(missing)]
        if len({len(one.headings) for one in versions}) > 1:
            found.append(f"{slug} has different numbers of headings")
        if len({one.targets("shot") for one in versions}) > 1:
            found.append(f"{slug} has different pictures")
        found += [f"{one.language}/{slug} is in no group" for one in versions if slug not in GROUPS.get(one.group, ())]
    return found


@cache
def library() -> dict[str, dict[str, Article]]:
    """Return the articles of this installation as they are written, read once per process."""
    return read_folder(FOLDER)
