"""What people call a flow: the name somebody gave it, or what its kind is called in the reader's language."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.translation import override


def title_of(kind: str, name: str) -> str:
    """Return the name, unless it is only what the kind was called in the language of who made the flow."""
    return _kind_title(kind) if name in usual_names(kind) else name


def _kind_title(kind: str) -> str:
    from flows.catalog.registry import flow_kind  # the kinds know the models, which ask here

    return str(flow_kind(kind).title)


@cache
def usual_names(kind: str) -> frozenset[str]:
    """Return what a flow of this kind is called in each language as long as nobody named it."""
    names = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            names.add(_kind_title(kind))
    return frozenset(names)
