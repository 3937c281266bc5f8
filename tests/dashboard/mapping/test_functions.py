"""Functions behind a source, and their arguments."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import draft_of, edit, field_of, page_of

pytestmark = pytest.mark.django_db


def test_functions_are_added_moved_changed_and_removed(client: Client, company: Company):
    edit(client, company, "add_step", fn="upper")
    edit(client, company, "move_step", index="1", to="up")
    edit(client, company, "step", index="1", **{"arg-length": "40"})
    assert [(step.fn, dict(step.args)) for step in field_of(company).steps] == [
        ("upper", {}),
        ("truncate", {"length": 40}),
    ]

    edit(client, company, "order", order="1,0")
    edit(client, company, "remove_step", index="0")
    assert [step.fn for step in field_of(company).steps] == ["upper"]


@pytest.mark.parametrize(
    ("fn", "given", "args"),
    [
        ("replace", {"arg-find": "a", "arg-put": ""}, {"find": "a", "put": ""}),
        (
            "map_value",
            {"arg-pairs": "S = Small\nL=Large", "arg-otherwise": ""},
            {"pairs": {"S": "Small", "L": "Large"}},
        ),
        ("default_if_empty", {"arg-default": " x"}, {"default": " x"}),
        ("multiply", {"arg-number": "1,5"}, {"number": "1.5"}),
        ("month_edge", {"arg-edge": "end"}, {"edge": "end"}),
    ],
)
def test_arguments_are_read_as_their_function_wants_them(
    client: Client, company: Company, fn: str, given: dict[str, str], args: dict[str, object]
):
    edit(client, company, "add_step", fn=fn)
    edit(client, company, "step", index="1", **given)

    assert dict(field_of(company).steps[1].args) == args


@pytest.mark.parametrize("fn", ["truncate", "map_value", "take_part", "vat_number", "local_date", "find_pattern"])
def test_a_function_that_is_added_can_run_at_once(client: Client, company: Company, fn: str):
    edit(client, company, "add_step", fn=fn)

    assert field_of(company).steps[-1].fn == fn
    assert "does not fit" not in " ".join(one.text for one in client.get(page_of(company)).context["page"].problems)


def test_a_wrong_argument_is_told_where_it_stands_and_not_saved(client: Client, company: Company):
    answer = edit(client, company, "step", index="0", query="?field=name", **{"arg-length": "many"})

    assert answer.status_code == 422
    assert answer.context["page"].inspector.steps[0].error
    assert not draft_of(company).has_changes
