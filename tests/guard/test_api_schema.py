"""The public API under requests that follow its own schema, and forms under what anybody may type: no fault of ours."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import schemathesis
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from tests.guard.addresses import OBJECTS, pages
from tests.guard.crawl import Seen, Visitor
from tests.guard.html_forms import forms_of, merged
from tests.guard.typed import BOUNDED, encoded, fillings
from tests.guard.world import World

OF_OTHERS = {502, 503}  # the system behind did not answer: here nobody does
EXAMPLES_OF_AN_OPERATION = 5


def test_no_operation_of_the_api_answers_with_a_fault(ours: World):
    schema = schemathesis.openapi.from_dict(Client().get("/api/schema.json").json())
    program = Visitor(token=ours.token_text)
    faults: list[str] = []
    asked: set[str] = set()

    for found in schema.get_all_operations():
        operation = found.ok()
        asked.add(f"{operation.method} {operation.path}")
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            faults += faults_of(program, ours, operation.as_strategy(generation_mode=mode))

    assert len(asked) > 35
    assert faults == []


def faults_of(program: Visitor, world: World, cases: st.SearchStrategy[Any]) -> list[str]:
    """Send what the strategy makes, and return what was answered with a fault of ours."""
    found: list[str] = []

    @settings(BOUNDED, max_examples=EXAMPLES_OF_AN_OPERATION)
    @given(case=cases)
    def ask(case: Any) -> None:
        path = f"{path_of(case.path, world)}?{urlencode(case.query or {}, doseq=True)}"
        body = None if case.body is NOT_SET else json.dumps(case.body, default=repr)
        seen = program.visit(case.method.upper(), path, body)
        if (seen.status >= 500 and seen.status not in OF_OTHERS) or is_vague(seen):
            found.append(f"{case.method} {path} {body}: {seen.text[:300]}")

    with suppress(Unsatisfiable):  # nothing about this operation can be wrong
        ask()
    return found


def is_vague(seen: Seen) -> bool:
    """Whether values were refused without saying which."""
    if seen.status != 400:
        return False
    error = json.loads(seen.text)["error"]
    return error["code"] == "validation_failed" and not error.get("fields")


def path_of(template: str, world: World) -> str:
    """Put an id that exists into the path: any other is a 404 and nothing more."""
    what = next((what for start, what in OBJECTS if template.removeprefix("/").startswith(start)), "organization")
    return re.sub(r"\{\w+\}", lambda _match: world.id_of(what), template)


def test_no_form_answers_with_a_fault(ours: World):
    """Sent as its page has it, with some fields changed: taken, or refused with what is wrong at the field."""
    owner = Visitor(ours.owner)
    found = merged(
        form for page in pages(ours) for form in forms_of(page.path, owner.visit("GET", page.path).text) if form.is_post
    )
    wrong: list[str] = []
    tried = 0

    for address in pages(ours):
        if address.path in found and not address.route.startswith("accounts/logout"):
            tried += 1
            wrong += wrong_answers(owner, address.path, found[address.path])

    assert tried > 45
    assert not wrong, "\n".join(wrong)


def wrong_answers(owner: Visitor, path: str, values: dict[str, list[str]]) -> list[str]:
    """Send what may be typed, and return what led to a fault of ours or to an error that names no field."""
    found: list[str] = []

    @BOUNDED
    @given(filling=fillings(values))
    def type_in(filling: dict[str, list[str]]) -> None:
        seen = owner.visit("POST", path, encoded(filling))
        if seen.status >= 500 or seen.untold:
            found.append(f"{path} {filling}: {seen.status} {seen.untold}")

    if values:
        type_in()
    return found
