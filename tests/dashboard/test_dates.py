"""Dates as the pages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from dashboard.templatetags.pages import day, moment


@pytest.mark.parametrize(("language", "written"), [("en", "24 Nov 2020"), ("fr", "24 nov 2020"), ("nl", "24 nov 2020")])
def test_only_english_begins_a_month_with_a_capital(language: str, written: str):
    at = datetime(2020, 11, 24, 20, 50, tzinfo=UTC)
    with translation.override(language):
        assert day(at) == written
        assert moment(at) == f"{written}, 20:50"
