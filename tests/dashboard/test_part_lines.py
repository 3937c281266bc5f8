"""What goes with a record, as its page tells it."""

from __future__ import annotations

from types import SimpleNamespace

from django.template.loader import render_to_string

from dashboard.record.part_lines import part_lines

MADE = {"kind": "contact", "title": "Contact", "label": "Kari Nordmann", "action": "create", "id": "7"}
FAILED = {
    "kind": "location", "title": "Delivery location", "label": "Quay", "action": "create", "id": "",
    "code": "refused.by_target", "params": {"system": "Visma.net ERP", "answer": "'Country' cannot be empty."},
}  # fmt: skip


def test_a_part_says_what_was_done_or_why_it_is_not_there():
    made, failed, same = part_lines([MADE, FAILED, MADE | {"action": "same"}, "not a part"])

    assert (made.title, made.words, made.problem) == ("Contact", "made", "")
    assert failed.words == ""
    assert failed.problem == "Visma.net ERP refused this record: 'Country' cannot be empty."
    assert same.is_same


def test_a_dry_run_says_what_would_be_done():
    (line,) = part_lines([MADE], is_planned=True)

    assert line.words == "would be made"


def test_the_panel_names_every_part():
    page = SimpleNamespace(parts=part_lines([MADE, FAILED]))

    text = render_to_string("dashboard/_parts.html", {"page": page})

    assert "Kari Nordmann" in text
    assert "not there yet" in text
