"""Settings: typed, with defaults, and a sentence that names the variable that is wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from apicenter import env as module
from apicenter.env import ConfigurationError, Env, load

KEY = base64.b64encode(b"0123456789abcdef" * 2).decode()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Env.model_fields:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)  # no .env there
    monkeypatch.setattr(module, "VAR_DIR", tmp_path / "var")


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_the_defaults_are_those_of_production():
    env = load()

    assert env.TEAMLEADER_API_URL == "https://api.focus.teamleader.eu"
    assert env.VISMA_NET_API_URL == "https://api.finance.visma.net"
    assert env.DATABASE_URL.startswith("sqlite:///")
    assert not env.DEBUG


def test_without_keys_the_embedded_mode_makes_its_own_and_keeps_them(tmp_path: Path):
    first, second = load(), load()

    assert first.SECRET_KEY == second.SECRET_KEY != ""
    assert first.keys() == second.keys()
    stored = tmp_path / "var" / "keys.env"
    assert stored.stat().st_mode & 0o077 == 0
    assert list(stored.parent.iterdir()) == [stored]


def test_with_postgresql_both_keys_must_be_given(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, DATABASE_URL="postgresql://u@h/d", SECRET_KEY="x" * 50)

    with pytest.raises(ConfigurationError, match="Set APICENTER_KEYS in the environment"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "example.com"),
        ("TEAMLEADER_API_URL", "ftp://api.example.com"),
        ("LANE_LEASE_SECONDS", "-1"),
        ("SLICE_RECORDS", "0"),
        ("CALL_THREADS", "many"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    given(monkeypatch, **{name: value})

    with pytest.raises(ConfigurationError, match=name):
        load()


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, CALL_THREADS="0", SLICE_SECONDS="x")

    with pytest.raises(ConfigurationError) as stopped:
        load()

    assert "CALL_THREADS" in str(stopped.value)
    assert "SLICE_SECONDS" in str(stopped.value)


def test_a_lease_shorter_than_a_call_is_refused(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, LANE_LEASE_SECONDS="40", CALL_DEADLINE_SECONDS="45")

    with pytest.raises(ConfigurationError, match="LANE_LEASE_SECONDS must be longer"):
        load()


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, SITE_NAME="", REDIS_URL="")

    assert load().SITE_NAME == "APIcenter"


def test_lists_and_addresses_are_read_tolerantly(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, ALLOWED_HOSTS=" a.example , b.example,", VISMA_CONNECT_URL="http://127.0.0.1:9000/")

    env = load()

    assert env.ALLOWED_HOSTS == ["a.example", "b.example"]
    assert env.VISMA_CONNECT_URL == "http://127.0.0.1:9000"


def test_the_first_key_is_the_active_one(monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, SECRET_KEY="x" * 50, APICENTER_KEYS=f"2026b:{KEY}, 2026a:{KEY},")

    assert list(load().keys()) == ["2026b", "2026a"]


@pytest.mark.parametrize("entry", ["2026a", f":{KEY}", "2026a:!!!", "2026a:c2hvcnQ="])
def test_a_key_that_is_none_is_refused_without_showing_it(entry: str):
    with pytest.raises(ConfigurationError) as stopped:
        Env(APICENTER_KEYS=entry).keys()

    assert "APICENTER_KEYS" in str(stopped.value)
    assert KEY not in str(stopped.value)
