from __future__ import annotations

import pytest

from connectors import registry
from connectors.registry import UnknownConnector, all_connectors, connector_class
from tests.connectors.fake_connector import FakeCode, FakeTenant, use_fakes


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


def test_finds_a_connector_by_its_key():
    assert connector_class("teamleader") is FakeCode


def test_lists_all_by_title():
    titles = [one.title for one in all_connectors()]

    assert {FakeTenant, FakeCode} < set(all_connectors())
    assert titles == sorted(titles)


def test_an_unknown_key_names_the_known_ones():
    with pytest.raises(UnknownConnector, match=r"“sap”.*teamleader, visma_net"):
        connector_class("sap")


def test_what_is_no_connector_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(registry.CONNECTORS, "odd", "datetime:date")

    with pytest.raises(UnknownConnector, match="is not a connector"):
        connector_class("odd")


def test_an_installed_package_adds_its_own_and_replaces_none_of_ours(monkeypatch: pytest.MonkeyPatch):
    address = "tests.connectors.fake_connector:FakeTenant"
    monkeypatch.setattr(registry, "_installed", lambda: {"shop": address, "teamleader": address})

    assert connector_class("shop") is FakeTenant
    assert connector_class("teamleader") is FakeCode
