"""What all tests share: settings that make waiting short, and rules that keep them honest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that changes values of the environment for one test: env(SLICE_RECORDS=2)."""

    def change(**values: object) -> None:
        monkeypatch.setattr(django_settings, "ENV", django_settings.ENV.model_copy(update=values))

    return change
