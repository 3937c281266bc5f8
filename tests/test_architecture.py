"""The shape of the code: dependencies point one way, and a few things happen in one place only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("apicenter", "connectors", "flows", "dashboard")
MAY_IMPORT = {
    "apicenter": {"apicenter"},
    "connectors": {"connectors", "apicenter"},
    "flows": {"flows", "connectors", "apicenter"},
    "dashboard": {"dashboard", "flows", "connectors", "apicenter"},
}
PROJECT_PARTS = {"apicenter/urls.py", "apicenter/settings.py"}  # the project package puts the apps together
HTTP = {"connectors/http.py", "connectors/transport.py", "connectors/wire.py"}
CONCRETE = ("spreadsheet", "teamleader", "visma_net")
SANDBOX_MAKERS = {
    "connectors/management/commands/sandbox.py",
    "connectors/services.py",
    "dashboard/setup/demo_company.py",
    "flows/demo/company.py",
    "flows/demo/life.py",
}
PURE = (
    "flows/maps/conditions.py",
    "flows/maps/expressions.py",
    "flows/engine/fingerprint.py",
    "flows/maps/lookup.py",
    "flows/maps/mapping.py",
    "flows/maps/paths.py",
    "flows/engine/plan.py",
    "flows/maps/sources.py",
    "flows/documents/totals.py",
    "flows/transforms",
    "connectors/core.py",
    "connectors/maps.py",
)
READERS = sorted(ROOT.glob("connectors/*/read_*.py"))


def modules(*, of: str = "") -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts and name_of(path).startswith(of):
                yield path


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module's syntax; read once, as most rules look at every module."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imports(path: Path, *, at_run_time: bool = False) -> set[str]:
    """Return the dotted names a module imports; `at_run_time` leaves out those for the type checker only."""
    typing_only: set[ast.AST] = set()
    if at_run_time:
        for node in nodes(path):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                typing_only |= set(ast.walk(node))
    found: set[str] = set()
    for node in nodes(path):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_dependencies_point_one_way(package: str):
    against = {
        (name_of(path), name)
        for path in modules(of=f"{package}/")
        if name_of(path) not in PROJECT_PARTS
        for name in imports(path)
        if name.partition(".")[0] in set(PACKAGES) - MAY_IMPORT[package]
    }

    assert against == set()


@pytest.mark.parametrize("connector", CONCRETE)
def test_nobody_imports_a_concrete_connector_but_itself(connector: str):
    own = f"connectors/{connector}/"
    users = {
        name_of(path)
        for path in modules()
        if not name_of(path).startswith(own)
        and any(is_within(name, f"connectors.{connector}") for name in imports(path))
    }

    assert users == set()


def test_connectors_know_each_other_by_name_in_the_registry_only():
    text = (ROOT / "connectors/registry.py").read_text()

    assert all(f'"{connector}"' in text for connector in CONCRETE)


def test_only_what_makes_a_sandbox_knows_it():
    users = {
        name_of(path)
        for path in modules()
        if not name_of(path).startswith("connectors/sandbox/")
        and any(is_within(name, "connectors.sandbox") for name in imports(path))
    }

    assert users <= SANDBOX_MAKERS | PROJECT_PARTS


def test_only_one_place_speaks_http():
    clients = ("httpx", "httpcore", "requests", "urllib.request", "http.client", "aiohttp")
    users = {
        name_of(path)
        for path in modules()
        if any(is_within(name, client) for name in imports(path) for client in clients)
    }

    assert users == HTTP


@pytest.mark.parametrize("path", [*PURE, *map(name_of, READERS)])
def test_pure_code_knows_no_database_network_clock_or_settings(path: str):
    impure = ("django.db", "django.conf", "django.utils.timezone", "connectors.http", "connectors.models")
    place = ROOT / path
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]

    assert files
    used = {name for file in files for name in imports(file, at_run_time=True)}
    assert not {name for name in used if any(is_within(name, part) for part in impure)}


def test_no_code_is_written_twice_as_async():
    kinds = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
    users = {name_of(path) for path in modules() if any(isinstance(node, kinds) for node in nodes(path))}

    assert users == set()


def test_settings_come_from_the_environment_in_one_place():
    users = {name_of(path) for path in modules() if _reads_environment(path)}

    assert users <= {"apicenter/celery.py", "apicenter/wsgi.py"}  # both name the settings module


def _reads_environment(path: Path) -> bool:
    names = {ast.unparse(node) for node in nodes(path) if isinstance(node, ast.Attribute)}
    return bool(names & {"os.environ", "os.getenv"})


def test_the_engine_never_asks_which_connector_it_has():
    users = {
        name_of(path)
        for path in modules(of="flows/")
        if name_of(path) != "flows/demo/company.py"  # the seeded company of exactly these two
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value in CONCRETE
    }

    assert users == set()


def test_errors_are_caught_widely_in_few_places_only():
    """Each of these logs a traceback and says what becomes of the work."""
    wide = {
        name_of(path)
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    }

    assert wide <= {
        "connectors/threads.py",
        "flows/running/dispatcher.py",
        "flows/running/periodic.py",
        "flows/running/runner.py",
        "flows/engine/poison.py",  # a record that our own code cannot bear
        "flows/engine/writing.py",
    }


def test_modules_have_a_subject():
    vague = {"utils.py", "helpers.py", "manager.py", "common.py", "misc.py"}

    assert not {name_of(path) for path in modules() if path.name in vague}


def test_a_worker_loads_no_library_that_only_pages_and_files_need():
    heavy = "{'django.contrib.admin', 'openpyxl', 'psycopg', 'redis', 'rest_framework.serializers'}"
    loaded = "import flows.running.dispatcher, flows.tasks"
    code = f"import sys, django; django.setup(); {loaded}; print({heavy} & sys.modules.keys())"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "apicenter.settings", "DATABASE_URL": "sqlite:///unused.sqlite3"}

    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "set()"
