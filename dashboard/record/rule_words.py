"""How a field is made, in one line a person can read: where it comes from, through which functions and table."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from connectors.maps import Case, FieldMap, ResourceMap, Step
from dashboard.mapping.cases import case_words
from dashboard.mapping.look_up_words import argument_title
from dashboard.mapping.words import expression_title, value_words
from dashboard.record.field_names import FieldNames
from dashboard.words import table_title
from flows.models import MapVersion
from flows.transforms.registry import TRANSFORMS


def rules_of(version: MapVersion | None, kind: str) -> dict[str, FieldMap]:
    """Return the field maps of a version by target path; fields of a list stand under "list.field"."""
    stored = version.maps.get(kind) if version else None
    if not stored:
        return {}
    resource = ResourceMap.model_validate(stored)
    rules = {field.target: field for field in resource.fields}
    for name, fields in resource.lists.items():
        rules |= {f"{name}.{field.target}": field for field in fields}
    return rules


def rule_words(rule: FieldMap, flow_kind: str, names: FieldNames, in_list: str = "") -> str:
    """Say where a value comes from and what is done with it."""
    parts = [
        _origin(rule, names, in_list),
        *(_case_words(case) for case in rule.cases),
        *(_step_words(step) for step in rule.steps),
    ]
    if rule.table:
        parts.append(_("table %(title)s") % {"title": table_title(flow_kind, rule.table)})
    return ", ".join(parts)


def _origin(rule: FieldMap, names: FieldNames, in_list: str) -> str:
    if rule.expression:
        return expression_title(rule.expression)
    if rule.constant is not None:
        return _("always “%(value)s”") % {"value": value_words(rule.constant)}
    return " | ".join(names.source(part.strip(), in_list) for part in rule.source.split("|"))


def _case_words(case: Case) -> str:
    condition, value = case_words(case, {})
    return _("if %(condition)s: %(value)s") % {"condition": condition, "value": value}


def _step_words(step: Step) -> str:
    known = TRANSFORMS.get(step.fn)
    title = known.title if known else step.fn
    shown = ", ".join(_plain(value, function=step.fn, name=name) for name, value in step.args.items())
    return f"{title} ({shown})" if shown else title


def _plain(value: Any, *, function: str, name: str) -> str:
    if isinstance(value, str):
        return argument_title(function, name, value)
    return json.dumps(value, ensure_ascii=False, default=str)
