"""Commands as the extension reads them; the one place in policy that knows it.

Reading is a pure function of the text, so policy stays pure.
"""

from __future__ import annotations

from narrows._core import ParsedCommand, SimpleCommand, parse_command

__all__ = ["ParsedCommand", "SimpleCommand", "parse_command"]
