"""Check that French and Dutch say everything English says: `python -m tests.translations`.

`--update` brings the catalogues up to date with the sources instead, for somebody to fill in.

The catalogues are made anew from the sources and put back as they were, so a text that nobody extracted is found too.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from subprocess import run

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fr", "nl")
IGNORED = (".venv", "node_modules", "tests", "benchmarks", "staticfiles", "var")


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def make_messages() -> None:
    """Bring the catalogues up to date with the sources; what changed in a text comes out fuzzy, new texts empty."""
    command = [sys.executable, "manage.py", "makemessages", "--no-location", "--no-obsolete"]
    for language in LANGUAGES:
        command += ["--locale", language]
    for name in IGNORED:
        command += ["--ignore", name]
    run(command, cwd=ROOT, check=True, stdout=sys.stderr, env={**os.environ})


def problems(language: str) -> list[str]:
    """Return a line for each text that is missing, empty, fuzzy, or does not fit its placeholders."""
    with catalogue_path(language).open("rb") as file:
        catalog: Catalog = read_po(file, locale=language)
    return [line for message in catalog if message.id for line in _problems_of(language, message, catalog)]


def _problems_of(language: str, message: Message, catalog: Catalog) -> list[str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    translations = [message.string] if isinstance(message.string, str) else list(message.string)
    if message.fuzzy or not all(translations):
        return [f"{language}: not translated: {text}"]
    return [f"{language}: {error}: {text}" for error in message.check(catalog)]


def main() -> int:
    if shutil.which("xgettext") is None:
        print("LEFT OUT: whether the translations are complete, as gettext is not on this machine.")
        return 1 if os.environ.get("CI") else 0
    if "--update" in sys.argv[1:]:
        make_messages()
        print("\n".join(line for language in LANGUAGES for line in problems(language)) or "Nothing to translate.")
        return 0
    before = {language: catalogue_path(language).read_bytes() for language in LANGUAGES}
    try:
        make_messages()
        found = [line for language in LANGUAGES for line in problems(language)]
    finally:
        for language, content in before.items():
            catalogue_path(language).write_bytes(content)
    print("\n".join(found) or f"All texts are complete in {' and '.join(LANGUAGES)}.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
