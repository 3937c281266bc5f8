"""What a mutation is: a protection taken away by changing a few words, and the test that must fail without it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The words to be changed do not stand in the file exactly once: the protection has moved."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a file; `old` stands in it exactly once."""

    file: str
    old: str
    new: str

    def of(self, text: str) -> str:
        """Return the text of the file with the change in it. Raises DoesNotApply."""
        if text.count(self.old) != 1:
            raise DoesNotApply(f"{self.file} has {self.old!r} {text.count(self.old)} times")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A protection taken away. `test` is the id of the test that must fail, with its parameter where one will do.

    A test fails by an assertion. Where it cannot, `raises` names the exception that says the same, and why it does
    stands beside it.
    """

    name: str
    test: str
    edits: tuple[Edit, ...]
    raises: str = ""
    needs_postgres: bool = False

    @property
    def test_function(self) -> str:
        """The id as docs/security.md names it."""
        return self.test.partition("[")[0]

    def check(self, root: Path) -> None:
        """Say whether every change still fits the tree. Raises DoesNotApply."""
        self.changed(root)

    def changed(self, root: Path) -> dict[str, str]:
        """Return the new text of each file. Raises DoesNotApply."""
        texts: dict[str, str] = {}
        for edit in self.edits:
            texts[edit.file] = edit.of(texts.get(edit.file) or (root / edit.file).read_text())
        return texts


def mutation(name: str, test: str, *edits: tuple[str, str, str], raises: str = "") -> Mutation:
    """Return a mutation; an edit is (file, words that stand in it once, words in their place)."""
    return Mutation(name, test, tuple(Edit(*edit) for edit in edits), raises)
