"""Prices: exact amounts, and a start that stops at a wrong price list."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import override

from apicenter.billing.prices import PriceList, money
from apicenter.env import BASE_DIR, ConfigurationError, Env, load
from flows.catalog.registry import FLOW_KINDS
from flows.checks import check_price_list
from tests.billing import PRICES


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Env.model_fields:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)  # no .env there
    monkeypatch.setattr("apicenter.env.VAR_DIR", tmp_path / "var")


@pytest.mark.parametrize(
    ("kind", "period", "amount"),
    [("orders", "month", "29.00"), ("customers", "month", "19.00"), ("orders", "year", "290.00")],
)
def test_a_flow_costs_what_its_kind_costs(kind: str, period: str, amount: str):
    assert PRICES.amount(kind, period) == Decimal(amount)


def test_amounts_are_exact_however_they_are_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLANS", '{"per_flow": 29.1, "kinds": {"orders": "44.98"}}')

    prices = load().PLANS

    assert prices is not None
    assert (prices.monthly("products"), prices.amount("orders", "year")) == (Decimal("29.10"), Decimal("539.76"))


def test_without_a_price_list_nothing_costs_anything(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLANS", "")

    assert load().PLANS is None


def test_a_price_list_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "plans.json").write_text(json.dumps({"per_flow": "29.00"}))
    monkeypatch.setenv("PLANS", str(tmp_path / "plans.json"))

    assert PriceList(per_flow=Decimal("29.00")) == load().PLANS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "is no JSON"),
        ("/nowhere/plans.json", "there is no file /nowhere/plans.json"),
        ('{"per_flow": "-1"}', "PLANS.per_flow"),
        ('{"per_flow": "29.999"}', "PLANS.per_flow"),
        ('{"per_flow": "29", "kind": {}}', "PLANS.kind"),
        ('{"per_flow": "29", "currency": "euro"}', "PLANS.currency"),
        ('{"kinds": {"orders": "1"}}', "PLANS.per_flow"),
    ],
)
def test_a_wrong_price_list_stops_the_start_and_says_where(monkeypatch: pytest.MonkeyPatch, text: str, word: str):
    monkeypatch.setenv("PLANS", text)

    with pytest.raises(ConfigurationError) as stopped:
        load()

    assert word in str(stopped.value)


def test_a_price_for_a_kind_that_does_not_exist_stops_the_start(env):
    env(PLANS=PriceList(per_flow=Decimal(29), kinds={"ordres": Decimal(1)}))

    assert "ordres" in check_price_list(None)[0].msg


def test_days_of_reminders_are_a_list(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIAL_REMINDER_DAYS", "5, 2")

    assert load().TRIAL_REMINDER_DAYS == [5, 2]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "€1,029.50"), ("fr", "1\u202f029,50\xa0€"), ("nl", "€\xa01.029,50")]
)
def test_money_is_written_as_the_reader_writes_it(language: str, text: str):
    with override(language):
        assert money(Decimal("1029.50"), "EUR") == text


def test_cents_are_left_out_where_there_are_none():
    with override("en"):
        assert money(Decimal("29.00"), "EUR", drop_zero_cents=True) == "€29"
        assert money(Decimal("29.50"), "EUR", drop_zero_cents=True) == "€29.50"


def test_the_price_list_in_the_documents_is_a_good_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLANS", str(BASE_DIR / "docs" / "plans.example.json"))

    prices = load().PLANS

    assert prices is not None
    assert set(prices.kinds) <= set(FLOW_KINDS)
