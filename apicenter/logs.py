"""One log line per run and per failure, with ids; console text in development, JSON in production. No secrets."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from structlog.typing import Processor

from apicenter.blotting import blot

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter(form: str) -> logging.Formatter:
    """Return the formatter that `LOGGING` names, for the form "console" or "json"."""
    # rich, the default, would show the values of local variables beside a traceback
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Processor = structlog.processors.JSONRenderer() if form == "json" else console
    chain: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        chain.append(structlog.processors.format_exc_info)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=[*chain, renderer, _blotted])


def _blotted(_logger: Any, _name: str, line: Any) -> Any:
    """Last of all, so that the text of a traceback goes through it too."""
    return blot(str(line))
