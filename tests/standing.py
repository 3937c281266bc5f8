"""Rows that all tests of a module begin with, made once: each test changes what it likes, and that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import pytest
from django.db import transaction

Handle = TypeVar("Handle")


@contextmanager
def standing(request: pytest.FixtureRequest, *, of: Callable[[], Handle]) -> Iterator[Handle]:
    """Make rows once for a fixture of a module, and give what `of` returns.

    That should be keys rather than rows, so that no test meets what another one changed in memory. Tests of the module
    use `db` and none commits: the rows are in a transaction around all of them.
    """
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with ExitStack() as around:
        with blocker.unblock():
            around.enter_context(transaction.atomic())
            made = of()
        yield made
        with blocker.unblock():
            transaction.set_rollback(True)
            around.close()
