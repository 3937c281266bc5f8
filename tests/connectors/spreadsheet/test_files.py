"""Files as they come: whatever the encoding and the signs, and nothing that would take the machine down."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from apicenter.errors import RecordError
from connectors.files import BadFile, Choices
from connectors.spreadsheet.format import SpreadsheetFormat
from connectors.spreadsheet.read_cells import read_day, read_number
from connectors.spreadsheet.read_records import read_order, read_product
from tests.connectors.spreadsheet.files import (
    BOMB,
    DATED,
    ENTITIES,
    ORDERS_CSV,
    PRODUCTS_CSV,
    SIMPLE,
    WIDE,
    workbook,
)

FORMAT = SpreadsheetFormat()


def entries(content: bytes, kind: str) -> list[Any]:
    look = FORMAT.look(content, "file", Choices())
    return list(FORMAT.entries(content, "file", kind, FORMAT.propose(kind, look.headers), look.choices))


def test_a_dutch_csv_is_read_as_it_is_meant():
    look = FORMAT.look(PRODUCTS_CSV, "artikelen.csv", Choices())

    assert look.choices == Choices(encoding="cp1252", delimiter=";", decimal=",")
    assert FORMAT.propose("products", look.headers) == {
        "sku": "Artikelnummer",
        "name": "Omschrijving",
        "price": "Verkoopprijs",
        "vat": "Btw",
        "unit": "Eenheid",
    }
    assert look.rows[1][1] == "Bureaulamp “Été”"


def test_its_rows_are_products():
    found = entries(PRODUCTS_CSV, "products")

    lamp, second, book = (read_product(one.content, currency="EUR") for one in found)
    assert (lamp.sku, lamp.price and lamp.price.amount, lamp.vat_rate) == ("LMP-1", Decimal("1249.50"), Decimal("0.21"))
    assert (second.vat_code, book.vat_code) == ("21", "6")
    assert found[0].content["other"] == {"Kleur": "rood"}
    assert FORMAT.facts("products", found) == {"vat": ["21", "6"], "other": ["Kleur"], "unit": ["stuk"]}


def test_lines_with_one_number_are_one_order():
    first, second = entries(ORDERS_CSV, "orders")

    order = read_order(first.content, key=first.key, currency="EUR")
    assert [line.total for line in order.lines] == [Decimal("18.00"), Decimal("12.00")]
    assert (order.totals.excluding, order.totals.including) == (Decimal("30.00"), Decimal("34.50"))
    assert order.order_date == date(2026, 3, 5)
    assert order.customer is not None
    assert (order.customer.key, order.customer.name) == ("BE0899623035", "Atelier Lumen")
    with pytest.raises(RecordError) as caught:
        read_order(second.content, key=second.key, currency="EUR")
    assert "Line 4, column “Quantity”" in str(caught.value)


def test_a_workbook_gives_dates_numbers_and_percentages():
    (entry,) = entries(DATED, "orders")

    order = read_order(entry.content, key=entry.key, currency="EUR")
    assert (order.order_date, order.lines[0].sku, order.lines[0].unit_price) == (
        date(2026, 3, 5),
        "1001",
        Decimal("12.1"),
    )
    assert order.lines[0].vat_code == "21"


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.234,50", ",", "1234.50"),
        ("1 234,5", ",", "1234.5"),
        ("€ 12", ",", "12"),
        ("1,234.5", ".", "1234.5"),
        ("-3", ".", "-3"),
        ("12.50", ",", None),  # that sign does not start decimals here
        ("1,2,3", ",", None),
        ("abc", ",", None),
        ("", ",", None),
        ("1e9", ".", None),
    ],
)
def test_numbers(text: str, decimal: str, number: str | None):
    assert read_number(text, decimal) == (None if number is None else Decimal(number))


@pytest.mark.parametrize("text", ["2026-03-05", "05/03/2026", "5-3-2026", "05.03.26", "2026-03-05T10:00:00"])
def test_dates_have_the_day_first(text: str):
    assert read_day(text) == (date(2026, 3, 5) if text != "05.03.26" else None)


def test_two_rows_with_one_number_stay_two_records():
    found = entries(b"sku,name\nA,one\nA,two\n\n,three\n", "products")

    assert [(one.key, one.line) for one in found] == [("A", 2), ("A #2", 3), ("(5)", 5)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB, "file.too_large"),
        (WIDE, "file.too_many_columns"),
        (ENTITIES, "file.unreadable"),
        (b"a," * 1_000_000, "file.too_many_columns"),
        (b"x" * 20_000_001, "file.too_large"),
        (b"", "file.empty"),
        (b"PK\x03\x04 no archive", "file.unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file.kind"),
        (b'sku,name\n"' + b"x" * 200_000, "file.unreadable"),
    ],
)
def test_what_would_do_harm_is_refused_with_its_reason(content: bytes, code: str):
    with pytest.raises(BadFile) as caught:
        entries(content, "products")

    assert caught.value.code == code


def test_a_column_that_is_needed_must_be_there():
    with pytest.raises(BadFile) as caught:
        list(FORMAT.entries(SIMPLE, "x", "products", {"sku": "sku"}, Choices(sheet="Blad1")))

    assert (caught.value.code, caught.value.field) == ("file.column_missing", "name")


def test_what_flows_wrote_holds_no_formula():
    rows = [{"sku": "=1+1", "name": "+32 2 123", "price": Decimal("-1.5"), "long_text": "bad\x07"}]

    text = FORMAT.write("products", rows, "csv").decode("utf-8-sig")
    page = load_workbook(io.BytesIO(FORMAT.write("products", rows, "xlsx"))).active

    _headings, line = csv.reader(io.StringIO(text), delimiter=";")
    assert line[:4] == ["'=1+1", "'+32 2 123", "bad\x07", "-1,5"]
    assert page is not None
    assert (page["A2"].value, page["A2"].data_type, page["D2"].value) == ("=1+1", "s", -1.5)


def test_what_flows_wrote_can_be_uploaded_again():
    row = {
        "number": "A-1",
        "customer": "Lumen",
        "lines": [{"sku": "X", "quantity": Decimal(2), "unit_price": Decimal("1.5")}] * 2,
    }

    for extension in FORMAT.writes:
        (entry,) = entries(FORMAT.write("orders", [row], extension), "orders")
        order = read_order(entry.content, key=entry.key, currency="EUR")
        assert (order.number, order.totals.excluding, len(order.lines)) == ("A-1", Decimal("6.00"), 2)


def test_the_second_workbook_line_may_hold_the_headings():
    content = workbook(("Our products",), ("sku", "name"), ("A", "B"))

    look = FORMAT.look(content, "x", Choices(header_line=2))

    assert (look.headers, look.rows) == (("sku", "name"), (("A", "B"),))
