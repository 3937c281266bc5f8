"""JSON as it is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dashboard.record.panes import MOST_PIECES, pane_of, safe_link


def text_of(value: Any) -> str:
    return "".join(piece.text for piece in pane_of(value).pieces)


def test_is_written_as_json_with_the_numbers_as_they_came():
    value = {"name": "Arca “40”", "price": Decimal("194.50"), "tags": ["a", 1], "none": None, "on": True, "empty": {}}

    assert text_of(value) == (
        '{\n  "name": "Arca “40”",\n  "price": 194.50,\n  "tags": [\n    "a",\n    1\n  ],\n'
        '  "none": null,\n  "on": true,\n  "empty": {}\n}'
    )


def test_a_plain_text_stays_as_it_is():
    assert text_of("HTTP 400\nTax Category") == "HTTP 400\nTax Category"


def test_secrets_are_taken_out_wherever_they_stand():
    assert "s3cret" not in text_of({"deep": [{"access_token": "s3cret"}]})


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_an_empty_pane(value: object):
    assert pane_of(value).is_empty


def test_what_is_very_long_is_cut_and_says_so():
    pane = pane_of(list(range(MOST_PIECES)))

    assert pane.is_cut
    assert len(pane.pieces) == MOST_PIECES


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.com", ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_only_web_addresses_become_links(value: object, link: str):
    assert safe_link(value) == link
