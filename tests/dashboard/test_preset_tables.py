"""The settings page counts the rows of a table as the list of all tables does."""

from __future__ import annotations

import pytest

from dashboard.flow_settings.preset_tables import preset_tables
from dashboard.tables.page import table_links
from flows.models import ValueRow
from tests.factories import inside, make_flow, make_organization, make_table

pytestmark = pytest.mark.django_db


def test_a_suggested_counterpart_is_no_open_row():
    with inside(make_organization()):
        flow = make_flow("orders")
        table = make_table(flow, "unit", {"box": "BOX"})
        ValueRow.objects.create(table=table, key="piece", value="PCS", is_confirmed=False)
        ValueRow.objects.create(table=table, key="hour", is_confirmed=False)

        (link,) = table_links(flow)

        assert preset_tables(flow)["unit"].open_rows == link.total - link.settled == 1
