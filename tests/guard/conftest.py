"""What the crawls share: two companies that know nothing of each other, and a network in which nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guard.crawl import nobody_answers
from tests.guard.world import MARK, World, make_world


@pytest.fixture
def offline() -> Iterator[None]:
    with nobody_answers():
        yield


@pytest.fixture
def ours(db: None, offline: None) -> World:
    return make_world("ours@example.com")


@pytest.fixture
def theirs(ours: World) -> World:
    return make_world("theirs@example.com", mark=MARK)
