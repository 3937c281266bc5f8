"""Payloads and their wrapped form."""

from __future__ import annotations

from connectors.visma_net.wrap import insert_lines, prune, unwrap, wrap

PLAIN = {
    "name": "Fjord",
    "overrideWithClassValues": True,
    "mainAddress": {"city": "Oslo"},
    "lines": [{"operation": "Insert", "quantity": 2, "subaccount": [{"segmentId": 1, "segmentValue": "10"}]}],
}
WRAPPED = {
    "name": {"value": "Fjord"},
    "overrideWithClassValues": True,
    "mainAddress": {"value": {"city": {"value": "Oslo"}}},
    "lines": [
        {"operation": "Insert", "quantity": {"value": 2}, "subaccount": [{"segmentId": 1, "segmentValue": "10"}]}
    ],
}


def test_values_and_objects_are_wrapped_but_lists_and_operations_are_not():
    assert wrap(PLAIN) == WRAPPED


def test_unwrapping_gives_the_payload_back():
    assert unwrap(WRAPPED) == PLAIN


def test_what_has_no_value_is_left_out_while_empty_texts_and_zeros_stay():
    payload = {"a": None, "b": "", "c": 0, "d": False, "e": {"f": None}, "g": [], "h": [{"i": None}, {"j": 1}]}

    assert prune(payload) == {"b": "", "c": 0, "d": False, "h": [{"j": 1}]}


def test_every_line_of_a_new_document_says_insert():
    assert insert_lines({"lines": [{"quantity": 1}]}, "lines") == {"lines": [{"operation": "Insert", "quantity": 1}]}


def test_a_document_without_lines_names_none():
    assert insert_lines({"hold": True, "lines": []}, "lines") == {"hold": True}
