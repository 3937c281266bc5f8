"""What a Celery worker does before it starts."""

from __future__ import annotations

from celery.signals import worker_init
from kombu.transport.redis import QoS

from apicenter.celery import put_no_message_back


def test_a_worker_puts_no_message_back_on_a_broker_that_has_gone(monkeypatch):
    monkeypatch.setattr(QoS, "restore_at_shutdown", True)

    put_no_message_back()

    assert QoS.restore_at_shutdown is False
    assert any(reference() is put_no_message_back for _key, reference in worker_init.receivers)
