"""Search in the help: every word of the question begins a word of the article, accents do not count. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from dashboard.help.articles import Article, Section

WORD = re.compile(r"\w+")
MARKS = re.compile(r"!?\[(?P<text>[^\]]*)\]\([^)]*\)|[*`#|]+|^\s*(?:[-\d]+[.)]?) ", re.MULTILINE)
WEIGHTS = {"title": 12, "keywords": 8, "heading": 5, "text": 1}
MOST_WORDS = 8
SNIPPET_BEFORE, SNIPPET_LENGTH = 60, 170


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of a snippet; `is_hit` if it is what was looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, and the part of it that fits best."""

    article: Article
    section: Section
    snippet: tuple[Bit, ...]
    score: int


def fold(text: str) -> str:
    """Return small letters without accents: “Écriture” and “ecriture” are the same."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


@lru_cache(maxsize=512)
def plain(markdown: str) -> str:
    """Return the text without the marks of Markdown, on one line."""
    return " ".join(MARKS.sub(lambda found: found["text"] or "", markdown).split())


def search(articles: Iterable[Article], question: str) -> list[Hit]:
    """Return the articles that hold every word of the question, the best first."""
    wanted = list(dict.fromkeys(words_of(question)))[:MOST_WORDS]
    if not wanted:
        return []
    hits = (_hit(article, wanted) for article in articles)
    return sorted((hit for hit in hits if hit), key=lambda hit: -hit.score)


def _hit(article: Article, wanted: list[str]) -> Hit | None:
    own = {"title": article.title, "keywords": " ".join(article.keywords)}
    scores = {word: sum(_score(text, word, WEIGHTS[place]) for place, text in own.items()) for word in wanted}
    best, best_score = article.sections[0], 0
    for section in article.sections:
        inside = {word: _section_score(section, word) for word in wanted}
        for word, score in inside.items():
            scores[word] += score
        if sum(inside.values()) > best_score:
            best, best_score = section, sum(inside.values())
    if not all(scores.values()):
        return None
    text = plain(best.text) if best_score else article.summary
    return Hit(article, best, snippet(text, wanted), sum(scores.values()))


def _section_score(section: Section, word: str) -> int:
    return _score(section.heading, word, WEIGHTS["heading"]) + min(
        3, _score(plain(section.text), word, WEIGHTS["text"])
    )


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words_of(text))


def _score(text: str, word: str, weight: int) -> int:
    """A whole word counts double, the beginning of one once."""
    return sum(weight * (2 if one == word else 1) for one in _words(text) if one.startswith(word))


def snippet(text: str, wanted: list[str]) -> tuple[Bit, ...]:
    """Cut the text around the first word that was looked for, and mark such words in it."""
    found = [match.span() for match in WORD.finditer(text) if fold(match[0]).startswith(tuple(wanted))]
    first = max(0, found[0][0] - SNIPPET_BEFORE) if found else 0
    start = text.rfind(" ", 0, first) + 1 if first else 0
    end = min(len(text), start + SNIPPET_LENGTH)
    end = end if end == len(text) else max(text.rfind(" ", start, end), start + 1)
    bits, at = [], start
    for begin, stop in found:
        if begin >= start and stop <= end:
            bits += [Bit(text[at:begin], False), Bit(text[begin:stop], True)]
            at = stop
    bits.append(Bit(text[at:end], False))
    edge = (Bit("… ", False),) if start else ()
    return (*edge, *(bit for bit in bits if bit.text), *((Bit(" …", False),) if end < len(text) else ()))
