"""What people call a flow."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from flows.titles import title_of


@pytest.mark.parametrize(
    ("name", "title"), [("Orders", "Commandes"), ("Verkooporders", "Verkooporders"), ("Shop orders", "Shop orders")]
)
def test_a_usual_name_is_said_in_the_language_of_the_reader(name: str, title: str):
    with override("fr"):
        assert title_of("orders", name) == title
