"""The functions of a field's chain: named, typed, pure and total. Importing this package registers all of them."""

from __future__ import annotations

from flows.transforms import address, choice, cleaning, codes, dates, lists, look_up, markup, numbers, prices, text
from flows.transforms.registry import TRANSFORMS, Example, Parameter, Transform, compile_step, transform

__all__ = [
    "TRANSFORMS",
    "Example",
    "Parameter",
    "Transform",
    "address",
    "choice",
    "cleaning",
    "codes",
    "compile_step",
    "dates",
    "lists",
    "look_up",
    "markup",
    "numbers",
    "prices",
    "text",
    "transform",
]
