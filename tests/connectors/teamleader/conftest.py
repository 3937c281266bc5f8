from __future__ import annotations

from collections.abc import Iterator

import pytest
import respx

from tests.connectors.teamleader.focus_fake import FakeFocus


@pytest.fixture
def focus() -> Iterator[FakeFocus]:
    with respx.mock(assert_all_called=False) as mock:
        yield FakeFocus(mock)
