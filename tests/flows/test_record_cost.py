"""What one record costs, counted in function calls: seconds say more about the machine than about the code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from apicenter.crypto import redact
from flows.engine.fingerprint import fingerprint
from flows.transforms import compile_step

DESCRIPTION = (
    "<p>Oak, <b>dimmable</b>, number 0.</p><ul><li>Height 160 cm</li><li>Cable 2 m</li></ul>"  # as in benchmarks/
)
PAYLOAD = {
    "code": "LAMP-1",
    "name": "Lamp",
    "selling_price": {"amount": 10, "currency": "EUR"},
    "tax_rate_id": "tax-1",
    "unit_of_measure_id": "unit-1",
    "product_category_id": "category-1",
}


def function_calls(doing: Callable[[], Any]) -> int:
    """Return how many functions run, of Python and of C, once what is kept between records is there."""
    doing()
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        doing()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("doing", "most"),
    [
        (lambda: compile_step("html_to_markdown", {})(DESCRIPTION), 1000),
        (lambda: redact({"sent": PAYLOAD, "answer": {"data": {"id": "1", "type": "product"}}}), 150),
        (lambda: fingerprint(PAYLOAD), 100),
    ],
    ids=["description", "redacting", "fingerprint"],
)
def test_a_record_is_done_in_few_steps(doing: Callable[[], Any], most: int) -> None:
    assert function_calls(doing) <= most
