"""Item classes and sales categories: they can be read and named on items, but the API makes and changes none.

The contract has only GET for /v1/inventory/itemClass and /v1/salescategory, so a category of another system is paired
with one of these by a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import Existing, FieldInfo, Text
from connectors.maps import FieldMap, ResourceMap
from connectors.visma_net.api import ErpTarget
from connectors.visma_net.fields import CODES, field
from connectors.visma_net.lookups import LISTS


class Groups(ErpTarget):
    """Groups of items that are paired and never written."""

    natural_key = "id"
    can_create = can_update = can_read = is_referenced = False
    finders = ("id",)
    list_name: ClassVar[str]

    def find(self, by: str, value: str) -> list[Existing]:
        options = LISTS[self.list_name](self.erp)
        return [Existing(one.value, one.value, one.label) for one in options if one.value == value]

    def fields(self) -> list[FieldInfo]:
        return list(self.standard_fields)


def _map() -> ResourceMap:
    return ResourceMap(fields=(FieldMap(target="id", source="counterpart", required=True),))


def _fields(title: Text, list_name: str) -> Sequence[FieldInfo]:
    return (field("id", title, CODES, list_name=list_name, is_required=True),)


class ItemClasses(Groups):
    kind = "item_classes"
    title = _("Item classes")
    list_name = "item_classes"
    default_map = _map()
    standard_fields = tuple(_fields(_("Item class"), "item_classes"))


class SalesCategories(Groups):
    kind = "sales_categories"
    title = _("Sales categories")
    list_name = "sales_categories"
    default_map = _map()
    standard_fields = tuple(_fields(_("Sales category"), "sales_categories"))
