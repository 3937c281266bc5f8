"""The fields the mapping page offers exist in the records that are read."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import BaseModel

from connectors.core import Customer, Order, Product
from connectors.teamleader.fields import CUSTOMER_FIELDS, ORDER_FIELDS, PRODUCT_FIELDS


def has_path(model: type[BaseModel], path: str) -> bool:
    name, _, rest = path.partition(".")
    if name not in model.model_fields:
        return False
    return not rest or any(has_path(inner, rest) for inner in models_in(model.model_fields[name].annotation))


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (model, field.path)
        for model, fields in ((Customer, CUSTOMER_FIELDS), (Order, ORDER_FIELDS), (Product, PRODUCT_FIELDS))
        for field in fields
        if not field.path.startswith("raw.")
    ],
)
def test_a_field_is_part_of_its_record(model, field):
    assert has_path(model, field)
