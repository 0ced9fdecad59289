"""Logs of what is meant to go wrong are read when a test fails, so they are short."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def plain_logs():
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])
    yield
    structlog.reset_defaults()
