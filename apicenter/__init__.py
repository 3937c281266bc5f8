"""The platform: settings, organizations, tenancy, encryption, errors."""

from apicenter.celery import app as celery_app

__all__ = ["celery_app"]
