"""Value tables as CSV: out, back in, and what is wrong with a line told by line and column."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.models import ValueRow, ValueTable
from flows.tables.table_csv import Import, changed_edits, export_csv, read_csv
from flows.tables.value_tables import save_rows
from tests.factories import inside, make_flow, make_organization, make_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def table() -> Iterator[ValueTable]:
    with inside(make_organization()):
        yield make_table(make_flow("orders", maps={}), "vat", {"21": "BE21", "6": "BE6"})


def problems(found: Import) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in found.problems]


def test_what_is_written_reads_back_as_the_same(table: ValueTable):
    ValueRow.objects.create(table=table, key="0", is_confirmed=True, key_label="Nothing, on purpose")
    ValueRow.objects.create(table=table, key="9", key_label='Open; with "signs", and a\nline')
    ValueRow.objects.create(table=table, key="=1+1", value="-5", is_confirmed=True)

    found = read_csv(table, export_csv(table).encode())

    assert found.problems == ()
    assert (found.is_empty, found.same) == (True, 5)
    assert "'=1+1" in export_csv(table)


@pytest.mark.parametrize(
    "data",
    [
        b"from,to\n12,BE12\n",
        b"from;to\r\n12;BE12\r\n",
        b"\xef\xbb\xbffrom\tto\n12\tBE12\n",
        b'From ; TO\n "12" ; BE12',
        b"to,unknown,from\nBE12,whatever,12\n\n,,\n",
    ],
    ids=["comma", "semicolon", "mark and tab", "spaces and capitals", "other order and blank lines"],
)
def test_every_spreadsheet_s_own_form_is_read(table: ValueTable, data: bytes):
    found = read_csv(table, data.replace(b' "12" ', b'"12"'))

    assert found.problems == ()
    assert [(one.key, one.after.value if one.after else "") for one in found.added] == [("12", "BE12")]


def test_letters_of_an_old_spreadsheet_are_read(table: ValueTable):
    found = read_csv(table, "from,from_name,to\n12,Réduit,BE12\n".encode("cp1252"))

    assert found.added[0].label == "Réduit"


def test_a_blank_value_is_open_and_only_a_yes_sends_nothing(table: ValueTable):
    found = read_csv(table, b"from,to,send_empty\n12,,\n13,,yes\n")

    assert [(edit.key, edit.is_open, edit.sends_empty) for edit in found.edits] == [
        ("12", True, False),
        ("13", False, True),
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(1, "from"), (1, "to")]),
        (b"key,to\n1,2\n", [(1, "from")]),
        (b"from,to\n12,BE12\n12,BE21\n", [(3, "from")]),
        (b"from,to\n,BE12\n", [(2, "from")]),
        (b"from,to\n12,BE12\n13,NOPE\n14,NOPE\n", [(3, "to"), (4, "to")]),
        (b"from,to,send_empty\n12,BE12,yes\n13,,perhaps\n", [(2, "send_empty"), (3, "send_empty")]),
        (b'from,to\n12,"BE12\n', [(2, "")]),
        (b"from,to\n" + b"x" * 201 + b",BE12\n", [(2, "from")]),
        (b"from,to\n12,\x81\x8d\n", [(0, "")]),
    ],
    ids=["empty", "no key", "twice", "blank key", "unknown", "both or unclear", "open quote", "too long", "no text"],
)
def test_what_is_wrong_is_named_by_line_and_column(table: ValueTable, data: bytes, expected: list[tuple[int, str]]):
    found = read_csv(table, data, offered={"BE12": "12 %", "BE21": "21 %"})

    assert problems(found) == expected
    assert found.edits == ()


def test_a_file_only_changes_what_it_holds_unless_it_replaces_the_table(table: ValueTable):
    data = b"from,to\n21,BE21\n12,BE12\n6,BE6X\n"

    added = read_csv(table, data)
    replaced = read_csv(table, b"from,to\n21,BE21\n", replaces=True)

    assert ([one.key for one in added.added], [one.key for one in added.changed], added.same) == (["12"], ["6"], 1)
    assert added.removed == ()
    assert [one.key for one in replaced.removed] == ["6"]
    assert dict(table.rows.values_list("key", "value")) == {"21": "BE21", "6": "BE6"}


def test_a_suggestion_in_the_file_is_confirmed_by_storing_it(table: ValueTable):
    ValueRow.objects.create(table=table, key="12", value="BE12")

    found = read_csv(table, b"from,to\n12,BE12\n", offered={"BE12": "12 %"})
    save_rows(table, changed_edits(found))

    assert ValueRow.objects.get(key="12").is_confirmed


def test_two_keys_have_a_column_each(table: ValueTable):
    save_rows(table, changed_edits(read_csv(table, b"from,from_2,to\nBE,company,X\nBE,*,Y\n")))

    assert set(table.rows.values_list("key", flat=True)) == {"21", "6", "BE|company", "BE|*"}
    assert read_csv(table, export_csv(table, has_two_keys=True).encode()).is_empty


def test_a_huge_file_is_refused_before_it_is_read(table: ValueTable):
    assert problems(read_csv(table, b"x" * 1_000_001)) == [(0, "")]
