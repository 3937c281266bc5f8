"""Addresses with a secret are not written down."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from gunicorn.config import Config  # type: ignore[import-untyped]

from apicenter.access_log import AccessLog, without_secrets


def test_secrets_in_addresses_are_cut_out():
    assert without_secrets("POST /api/deliveries/s3cret_-x/ HTTP/1.1") == "POST /api/deliveries/…/ HTTP/1.1"
    assert without_secrets("/api/hooks/s3cret?a=1") == "/api/hooks/…?a=1"
    assert without_secrets("GET /log/?q=/api/ HTTP/1.1") == "GET /log/?q=/api/ HTTP/1.1"


def test_gunicorn_writes_them_nowhere():
    address = "/api/deliveries/s3cret/"
    environ = {"REQUEST_METHOD": "POST", "RAW_URI": address, "PATH_INFO": address, "SERVER_PROTOCOL": "HTTP/1.1"}
    response, request = SimpleNamespace(status="200 OK", sent=0, headers=[]), SimpleNamespace(headers=[])

    atoms = AccessLog(Config()).atoms(response, request, environ, timedelta(seconds=1))

    assert "s3cret" not in str(atoms)
    assert atoms["r"] == "POST /api/deliveries/…/ HTTP/1.1"
