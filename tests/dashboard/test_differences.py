"""What differs between a sent order and what it was made from: its page, its card and its answer."""

from __future__ import annotations

import pytest

from dashboard.record.difference_lines import difference_lines
from flows.models import Ruling, RunRecord
from tests.dashboard.company import Company, make_company
from tests.dashboard.people import signed_in
from tests.factories import inside, make_held_record

pytestmark = pytest.mark.django_db
PARAMS = {"order": "SO004518", "system": "Visma.net ERP", "status": "Hold", "mark": "f00d"}
WORDS = ("LED-1", "PO-9", "Send the change", "Leave it as it is")
DIFFERENCES = [
    {"work": "update", "item": "LED-1", "path": "", "before": {"quantity": 2}, "after": {"quantity": 3}},
    {"work": "delete", "item": "LED-2", "path": "", "before": {"quantity": 1, "unitPrice": 9.5}, "after": None},
    {"work": "update", "item": "", "path": "customer.order", "before": {}, "after": {"customer.order": "PO-9"}},
]


@pytest.fixture
def company() -> Company:
    return make_company()


def hold(company: Company) -> RunRecord:
    with inside(company.organization):
        run = company.orders.runs.first()
        return make_held_record(
            run, "2026/1200", code="order.changed", params=PARAMS, exchange={"differences": DIFFERENCES}
        )


def test_each_difference_is_a_line_in_words(company: Company):
    record = hold(company)

    with inside(company.organization):
        lines = difference_lines(record)

    assert [(line.what, line.title, line.before, line.after) for line in lines] == [
        ("LED-1", "Quantity", "2", "3"),
        ("LED-2", "Line that is gone", "1 × 9.5", ""),
        ("The order", "Customer's order number", "", "PO-9"),
    ]


def test_the_card_and_the_page_show_them_with_the_answers(company: Company):
    record = hold(company)
    client = signed_in(company.owner)

    for path in ("/needs-you/", f"/log/{record.pk}/"):
        page = client.get(path).content.decode()
        assert [word for word in WORDS if word not in page] == []


def test_an_answer_is_kept_and_the_record_planned_again(company: Company):
    record = hold(company)
    client = signed_in(company.owner)

    client.post(f"/needs-you/record/{record.pk}/answer/", {"answer": "leave"})
    again = client.post(f"/needs-you/record/{record.pk}/answer/", {"answer": "cancel"}, follow=True)

    with inside(company.organization):
        record.refresh_from_db()
        ruling = Ruling.objects.get()
    assert (ruling.answer, ruling.mark, record.state) == ("leave", "f00d", RunRecord.State.WAITING)
    assert "no longer needs you" in again.content.decode()
