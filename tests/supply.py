"""What we are made of: `python -m tests.supply` looks for known holes, `--licences` writes docs/licences.md.

Advisories come from the package index's own JSON, a page for each locked version; without a network that part is left
out and said so. `--advisories FILE` takes them from a file instead: {"name": [{"id": …, "fixed_in": […]}]}. What the
browser gets is asked of `npm audit`, with the same rule.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/licences.md"
INDEX = "https://pypi.org/pypi"
SECONDS = 10
PINNED = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", re.M)
HEAD = """# Licences

What an installation is made of, from the metadata of the packages themselves. Made by `make licences`; a test compares
it. Tools for development are not in it, as they are not part of an installation.

| package | licence |
| --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package. `licence` is "UNKNOWN" when its metadata names none."""

    name: str
    version: str
    licence: str


@cache
def locked(lock: str = "requirements.lock") -> dict[str, str]:
    """Return name and version of everything in a lock file."""
    return {name.lower(): version for name, version in PINNED.findall((ROOT / lock).read_text())}


def packages() -> Iterator[Package]:
    """Return what is locked and installed here; what is for another system only is left out."""
    for name, version in locked().items():
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        yield Package(name, version, _licence(about))


def _licence(about: Any) -> str:
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [line.rpartition("::")[2].strip() for line in about.get_all("Classifier") or () if "License ::" in line]
    first = (about.get("License") or "").strip().splitlines()[:1]
    return ", ".join(named) or (first[0] if first else "UNKNOWN")


def licences_page() -> str:
    """Return docs/licences.md as it should be."""
    return HEAD + "".join(f"| {row.name} | {row.licence} |\n" for row in sorted(packages(), key=lambda row: row.name))


def advisories(name: str, version: str) -> list[dict[str, Any]]:
    """Ask the index what is known about one version. Raises OSError without a network."""
    with urllib.request.urlopen(f"{INDEX}/{name}/{version}/json", timeout=SECONDS) as answer:
        known = json.load(answer).get("vulnerabilities") or []
    return [one for one in known if not one.get("withdrawn")]


def audit(file: Path | None) -> int:
    """Print what is known about our versions. Returns how many findings there are."""
    count = 0
    stored = json.loads(file.read_text()) if file is not None else None
    for name, version in sorted(locked().items()):
        for one in stored.get(name, []) if stored is not None else advisories(name, version):
            count += 1
            fixed = ", ".join(one.get("fixed_in") or ["nothing yet"])
            print(f"{name} {version}: {one['id']} {one.get('summary') or ''} (fixed in {fixed})")
    print(f"{len(locked())} packages, {count} findings.")
    return count


def audit_scripts(npm: str) -> int:
    """Print what npm knows about the packages that pages are made of. Returns how many findings there are."""
    try:
        asked = subprocess.run([npm, "audit", "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
        told = json.loads(asked.stdout)
        known, count = told["vulnerabilities"], int(told["metadata"]["vulnerabilities"]["total"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"LEFT OUT: packages of npm, as it did not answer: {error!r}")
        return 0
    for name, one in sorted(known.items()):
        print(f"{name} {one.get('range', '')}: {one.get('severity', '')}")
    print(f"npm: {count} findings.")
    return count


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--licences", action="store_true")
    parser.add_argument("--advisories", type=Path)
    parser.add_argument("--npm", default="npm")
    options = parser.parse_args()
    if options.licences:
        PAGE.write_text(licences_page())
        return 0
    scripts = audit_scripts(options.npm)
    try:
        return 1 if audit(options.advisories) or scripts else 0
    except OSError as error:
        print(f"LEFT OUT: nothing is known about holes in our packages, as the advisories cannot be read: {error}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
