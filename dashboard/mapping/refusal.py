"""The refusal of an edit."""

from __future__ import annotations


class EditRefused(ValueError):
    """The edit makes no sense, and nothing was saved. `where` says which part of the form it was."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where
