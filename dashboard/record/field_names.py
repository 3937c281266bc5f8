"""What people call the fields of a record, on both sides: the names of the mapping page, in sentences and lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from connectors.base import FieldInfo
from dashboard.mapping.field_paths import core_path
from dashboard.mapping.words import source_path_title
from flows.maps.field_lists import source_fields, target_fields, target_of, told_apart
from flows.maps.sources import RESOLVED
from flows.models import Flow
from flows.services import kind_of

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
INDEX = re.compile(r"\[(\d+)\]")


def plain_path(path: str) -> str:
    """Return a path without the numbers of rows: "lines[2].vat" is "lines.vat"."""
    return INDEX.sub("", path)


def field_title(path: str) -> str:
    """Return a path as words: "selling_price.amount" is "Selling price › amount"."""
    parts = [HUMP.sub(" ", part).replace("_", " ").strip() for part in path.split(".")]
    words = " › ".join(part.lower() if index else part for index, part in enumerate(parts) if part)
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The fields of both sides by path, as far as they are known without asking anybody."""

    targets: Mapping[str, FieldInfo]
    sources: Mapping[str, FieldInfo]
    titles: Mapping[str, str]  # of the target's own fields; those of lines go by their number

    @classmethod
    def of(cls, flow: Flow, kind: str) -> FieldNames:
        targets = {one.path: one for one in target_fields(flow, kind, is_offline=True).fields}
        sources = {one.path: one for one in source_fields(flow, kind, is_offline=True).fields}
        lists = target_of(flow, kind).map_for(kind).lists
        own = (one for path, one in targets.items() if path.partition(".")[0] not in lists)
        return cls(targets, sources, told_apart(own))

    def info(self, path: str) -> FieldInfo | None:
        return self.targets.get(plain_path(path))

    def target(self, path: str) -> str:
        """Return the name of a field of the target; one inside a list goes by its line."""
        info = self.info(path)
        if info is None:
            return field_title(path)
        row = INDEX.search(path)
        if row is not None:
            return _("Line %(number)s › %(field)s") % {"number": row[1], "field": info.title}
        return self.titles.get(path) or str(info.title)

    def source(self, path: str, in_list: str = "") -> str:
        """Return the name of what a field is made from; on a line a plain path is the line's own."""
        info = self.sources.get(core_path(path, in_list))
        if info is not None:
            return str(info.title)
        return source_path_title(path) if path.startswith(RESOLVED) else field_title(path)


def name_in_flow(flow: Flow, path: str) -> str:
    """Return what a field of any kind of record of a flow is called; what is no field of it comes back as it is."""
    for kind in kind_of(flow).resources:
        names = FieldNames.of(flow, kind)
        if names.info(path) is not None:
            return names.target(path)
    return path
