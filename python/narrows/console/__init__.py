"""The console: an HTTP API for approvers, operators and agents that need a ticket."""

from narrows.console.app import application
from narrows.console.serve import serve

__all__ = ["application", "serve"]
