"""Customer documents looked at again: how one stands. What is released stays; people credit it. Pure."""

from __future__ import annotations

from connectors.core import JSONDict
from connectors.revising import Comparing, Standing, StandingLine
from connectors.visma_net.read_values import read_id, read_rows, read_text

LINE = ("inventoryNumber", "quantity", "unitPriceInCurrency", "discountPercent", "description", "vatCodeId")
GONE = frozenset({"Voided"})


def comparing(lines: str) -> Comparing:
    """Return what of a document is compared; `lines` is what its list of lines is called."""
    head = ("customerNumber", "currencyId")
    return Comparing(lines=lines, item="inventoryNumber", line=LINE, head=head, fixed=frozenset(head))


def read_document(document_id: str, row: JSONDict, lines: str, *, may_delete: bool) -> Standing:
    """Read a document. It is not changed from here; `may_delete` says whether it may be taken away as it stands."""
    status = read_text(row.get("status")) or ""
    return Standing(
        document_id,
        status,
        may_change=False,
        may_cancel=may_delete,
        is_gone=status in GONE,
        head={
            "customerNumber": read_id(row.get("customer"), "number"),
            "currencyId": read_text(row.get("currencyId")),
        },
        lines=tuple(_line(at, one) for at, one in enumerate(read_rows(row.get(lines)), 1)),
    )


def _line(at: int, line: JSONDict) -> StandingLine:
    values = {name: line.get(name) for name in LINE}
    values |= {
        "inventoryNumber": read_id(line.get("inventoryNumber"), "number"),
        "vatCodeId": read_id(line.get("vatCode")),
    }
    return StandingLine(str(line.get("lineNumber") or at), values)
