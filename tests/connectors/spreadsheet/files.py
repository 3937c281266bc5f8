"""Files as people have them, and files as nobody should send them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

from openpyxl import Workbook

PRODUCTS_CSV = (
    "Artikelnummer;Omschrijving;Verkoopprijs;Btw;Eenheid;Kleur\r\n"
    "LMP-1;Café-lamp;1.249,50;21;stuk;rood\r\n"
    "LMP-2;Bureaulamp “Été”;59,9;21%;stuk;\r\n"
    "BK-7;Gids;12,00;6;stuk;\r\n"
).encode("cp1252")
ORDERS_CSV = (
    "Numéro de commande;Date;Client;Numéro de TVA;E-mail;Rue;Code postal;Ville;Pays;Article;Libellé;Quantité;"
    "Prix unitaire;Remise %;Taux TVA\n"
    "C-1;05/03/2026;Atelier Lumen;BE0899623035;info@lumen.example;Rue Haute 1;1000;Bruxelles;BE;LMP-1;Lampe;2;10,00;"
    "10;21\n"
    "C-1;;;;;;;;;BK-7;Guide;1;12,00;;6\n"
    "C-2;06/03/2026;Mme Leroy;;leroy@example.org;;;;;LMP-2;Lampe;x;59,90;;21\n"
).encode()


def workbook(*rows: tuple[Any, ...], sheet: str = "Blad1") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """Return a workbook with one part added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
DATED = workbook(
    ("number", "Order date", "sku", "qty", "unit price", "vat"), ("A-1", date(2026, 3, 5), 1001, 2, 12.1, 0.21)
)
SIMPLE = workbook(("sku", "name"), ("A", "B"))
BOMB = with_part(SIMPLE, "xl/sharedStrings.xml", b" " * 64_000_001)
WIDE = with_part(SIMPLE, SHEET, HEAD + b"<row>" + b"<c/>" * 1_000_000 + b"</row>" + TAIL)
ENTITIES = with_part(
    SIMPLE,
    SHEET,
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    + HEAD
    + b'<row><c t="inlineStr"><is><t>&b;</t></is></c></row>'
    + TAIL,
)
