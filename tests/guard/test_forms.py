"""Settings of every kind of flow, questions in addresses, and files: taken or refused, never a fault."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import given
from hypothesis import strategies as st

from apicenter.errors import FlowError, RetryableError
from connectors.registry import connector_class
from dashboard.flow_settings.setting_form import SettingForm
from flows.catalog.registry import FLOW_KINDS
from flows.flow_settings import chosen_settings
from tests.connectors.spreadsheet.files import BOMB, ORDERS_CSV, PRODUCTS_CSV, workbook
from tests.dashboard.test_setting_form import LISTS
from tests.factories import inside, make_connection, make_flow, make_organization
from tests.guard.addresses import pages
from tests.guard.crawl import Visitor
from tests.guard.html_forms import forms_of
from tests.guard.typed import BOUNDED, encoded, fillings
from tests.guard.world import World

LISTS_OF_PAGES = (
    "/", "/log/", "/needs-you/", "/needs-you/solved/", "/needs-you/aside/", "/tables/", "/company/trail/",
    "/notifications/", "/connections/", "/help/", "/setup/",
)  # fmt: skip
LINK = re.compile(r'(?:href|hx-get|action)="([^"]*\?[^"]*)"')
CELLS = st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=5)
FILES = st.one_of(
    st.binary(max_size=200),
    CELLS.map(lambda rows: "\n".join(";".join(row) for row in rows).encode()),
    st.sampled_from(
        [b"", b"\x00" * 300, b"PK\x03\x04" + b"\xff" * 100, BOMB, PRODUCTS_CSV, ORDERS_CSV[:-40], workbook(("a", "b")),
         b"\xff\xfe", b'"' * 999, b";" * 9999, b"a,b\r" * 99]
    ),
)  # fmt: skip
TO_VISMA = {
    kind.key
    for kind in FLOW_KINDS.values()
    if kind.target_kind(kind.key, kind.settings_model()) in connector_class("visma_net").targets
}
NAMES = st.sampled_from(["a.csv", "a.xlsx", "a", "../a.csv", "a\x00.csv", "ß" * 300 + ".csv", "🧾.xlsx", "a.exe"])


def faults_of(owner: Visitor, path: str, sent: st.SearchStrategy[Any]) -> list[str]:
    """Ask with texts, or send files, and return what led to a fault of ours."""
    found: list[str] = []

    @BOUNDED
    @given(one=sent)
    def send(one: Any) -> None:
        if isinstance(one, str):
            seen = owner.visit("GET", f"{path}?{one}")
        else:
            seen = owner.visit("POST", path, encode_multipart(BOUNDARY, {"file": one}), kind=MULTIPART_CONTENT)
        if seen.status >= 500:
            found.append(f"{path} {one!r}")

    send()
    return found


def test_no_question_in_an_address_answers_with_a_fault(ours: World):
    """What pages ask by GET: filters, searches, pages of lists."""
    owner = Visitor(ours.owner)
    flow = f"/flows/{ours.flow.pk}"
    asked: dict[str, dict[str, list[str]]] = {}
    for path in (*LISTS_OF_PAGES, f"{flow}/", f"{flow}/map/", f"{flow}/map/history/", f"/tables/{ours.table.pk}/"):
        page = owner.visit("GET", path).text
        for form in forms_of(path, page):
            if not form.is_post:
                asked.setdefault(form.action, {}).update(form.values)
        for link in LINK.findall(page):
            parts = urlsplit(link.replace("&amp;", "&"))
            asked.setdefault(parts.path or path, {}).update(parse_qs(parts.query))
    paths = {one.path for one in pages(ours)}
    asked = {path: values for path, values in asked.items() if path in paths and values}

    faults = [
        fault for path, values in asked.items() for fault in faults_of(owner, path, fillings(values).map(encoded))
    ]

    assert len(asked) > 10
    assert not faults, "\n".join(faults)


def test_no_file_answers_with_a_fault(ours: World):
    owner = Visitor(ours.owner)
    files = st.builds(SimpleUploadedFile, NAMES, FILES)
    paths = (f"/files/{ours.files.pk}/upload/products/", f"/tables/{ours.table.pk}/import/")

    faults = [fault for path in paths for fault in faults_of(owner, path, files)]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("kind", sorted(FLOW_KINDS))
def test_settings_of_every_kind_of_flow_are_taken_or_refused_at_their_field(db: None, kind: str):
    """The forms are made from typed settings, so a new setting is tried without a line here."""
    with inside(make_organization()):
        source, target = ("teamleader", "visma_net") if kind in TO_VISMA else ("visma_net", "teamleader")
        flow = make_flow(
            kind, source=make_connection(source), target=make_connection(target), maps={kind: {"fields": []}}
        )
        names = forms_of("/", f'<form method="post">{SettingForm(flow, LISTS, []).as_p()}</form>')[0].values

        @BOUNDED
        @given(filling=fillings(names))
        def type_in(filling: dict[str, list[str]]) -> None:
            form = SettingForm(flow, LISTS, [], QueryDict(encoded(filling)))
            with suppress(FlowError, RetryableError):  # a new value table needs a list of a system that is not there
                saved = form.save() if form.is_valid() else None
                assert (saved is None) == bool(form.errors)
            assert chosen_settings(flow)

        type_in()
