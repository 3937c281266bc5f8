"""The Celery application: an engine for rows that wait in the database (design 2.2), never a store of its own."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apicenter.settings")
app = Celery("apicenter")
app.config_from_object("apicenter.settings:CELERY")
app.autodiscover_tasks()
