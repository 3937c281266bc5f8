"""Style sheet, icons and fonts: listed, locked, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.conf import settings

STATIC = settings.BASE_DIR / "static"
TEMPLATES = [*(settings.BASE_DIR / "templates").rglob("*.html")]
CODE = [*(settings.BASE_DIR / "dashboard").rglob("*.py"), settings.BASE_DIR / "apicenter/notifications/events.py"]


def icons_listed() -> set[str]:
    return set((STATIC / "icons.txt").read_text().split())


def icons_drawn() -> set[str]:
    return {name for file in TEMPLATES for name in re.findall(r'{% icon(?:_address)? "([a-z-]+)"', file.read_text())}


def test_every_icon_that_is_drawn_is_in_the_sprite():
    assert icons_drawn() <= icons_listed()


def test_every_icon_in_the_sprite_is_used():
    words = {word for file in [*TEMPLATES, *CODE] for word in re.findall(r'"([a-z-]+)"', file.read_text())}

    assert icons_listed() <= words


def test_the_lock_names_no_host_and_every_package_has_a_hash():
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text())

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


def test_nothing_is_loaded_from_elsewhere():
    sources = [*TEMPLATES, *(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js")]
    loads = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")

    assert [file.name for file in sources if loads.search(Path(file).read_text())] == []


def test_templates_have_no_inline_style_script_or_handler():
    inline = re.compile(r"""<style|<script>|\sstyle=|\son[a-z]+=["']""")

    pages = [file for file in TEMPLATES if "email" not in file.parts]  # mail programs drop style sheets
    assert [file.name for file in pages if inline.search(file.read_text())] == []
