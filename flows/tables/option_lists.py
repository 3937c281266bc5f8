"""Reference lists of both systems as people choose from them: read live, kept for a few minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language

from apicenter.causes import sentence
from apicenter.errors import ApicenterError
from connectors.base import Option
from connectors.models import Connection
from connectors.registry import connector_class
from connectors.services import open_connector

KEPT_SECONDS = 300
FAILURE_KEPT_SECONDS = 60  # a system that is down is not asked again with every page


@dataclass(frozen=True, slots=True)
class OptionList:
    """A list as it was read, or why it could not be."""

    options: tuple[Option, ...] = ()
    read_at: datetime | None = None
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        return self.read_at is not None and not self.code

    @property
    def problem(self) -> str:
        """Why it could not be read, in the reader's language, or ""."""
        return sentence(self.code, self.params) if self.code else ""

    @property
    def labels(self) -> dict[str, str]:
        return {option.value: option.label for option in self.options}


def has_list(connection: Connection, name: str) -> bool:
    """Whether the system can tell what there is to choose from."""
    return bool(name) and name in connector_class(connection.connector).option_lists


def kept_list(connection: Connection, name: str) -> OptionList | None:
    """Return the list as it was read in the last minutes, or None. Asks nobody."""
    found = cache.get(_key(connection, name)) if has_list(connection, name) else None
    return found if isinstance(found, OptionList) else None


def read_lists(connection: Connection, names: Iterable[str], *, is_fresh: bool = False) -> dict[str, OptionList]:
    """Return lists of one system, those that were read lately from the cache unless `is_fresh`. A failure is a list
    with a problem, never an exception."""
    wanted = [name for name in dict.fromkeys(names) if has_list(connection, name)]
    kept = {} if is_fresh else {name: one for name in wanted if (one := kept_list(connection, name))}
    missing = [name for name in wanted if name not in kept]
    return {**kept, **_read(connection, missing)} if missing else kept


def read_list(connection: Connection, name: str, *, is_fresh: bool = False) -> OptionList | None:
    """Return one list, or None where the system has no such list."""
    return read_lists(connection, [name], is_fresh=is_fresh).get(name)


def _read(connection: Connection, names: list[str]) -> dict[str, OptionList]:
    found: dict[str, OptionList] = {}
    now = timezone.now()
    try:
        with open_connector(connection, is_interactive=True) as connector:
            for name in names:
                found[name] = OptionList(tuple(connector.options(name)), read_at=now)
    except ApicenterError as error:
        failed = OptionList(read_at=now, code=error.code, params=dict(error.params))
        found.update({name: failed for name in names if name not in found})
    for name, one in found.items():
        cache.set(_key(connection, name), one, FAILURE_KEPT_SECONDS if one.code else KEPT_SECONDS)
    return found


def _key(connection: Connection, name: str) -> str:
    return f"options:{connection.pk}:{name.replace(':', '.')}:{get_language()}"
