"""A seeded company in a sandbox that runs as a process of its own, on a database that other processes can share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apicenter.organizations.models import Organization
from apicenter.tenancy import organization_context
from connectors.transport import close_idle_connections
from flows.demo.company import prepare_demo
from tests.connectors.file_database import file_database
from tests.crash import processes


@pytest.fixture
def sandbox_url(transactional_db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with file_database(tmp_path):
        server = processes.web(processes.environment(), tmp_path / "web.log")
        server.start()
        try:
            yield f"http://127.0.0.1:{server.read_line()}/sandbox"
        finally:
            server.kill()
            close_idle_connections()


@pytest.fixture
def organization(sandbox_url: str, env: Callable[..., None]) -> Iterator[Organization]:
    env(SANDBOX_URL=sandbox_url)
    made = prepare_demo(say=lambda text: None)
    with organization_context(made.pk):
        yield made
