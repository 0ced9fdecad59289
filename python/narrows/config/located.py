"""The configuration file, read and checked once; every error names its line."""

from __future__ import annotations

import socket
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from narrows.config.checks import contradictions
from narrows.config.sections import Config
from narrows.errors import ConfigError, Problem
from narrows.toml_lines import Lines, split_message, syntax_line

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Located:
    """A configuration and the file it came from, against which its relative paths are resolved."""

    config: Config
    path: Path

    @property
    def base(self) -> Path:
        """The directory of the file, absolute."""
        return self.path.resolve().parent

    @property
    def state(self) -> Path:
        """The state directory: store, journal, local CA, keys."""
        return self.base / self.config.gateway.state

    @property
    def policies(self) -> Path:
        """The policy directory."""
        return self.base / self.config.gateway.policies

    @property
    def store(self) -> Path:
        """The SQLite database of a gateway with a store of its own."""
        return self.state / "narrows.db"

    @property
    def node(self) -> str:
        """This gateway's name among those that share a store; empty where it shares none."""
        gateway = self.config.gateway
        return (gateway.node or socket.gethostname()) if gateway.store else ""

    @property
    def journal(self) -> Path:
        """The directory of the journal."""
        return self.state / "journal"

    @property
    def index(self) -> Path:
        """The index of the recordings."""
        return self.state / "recordings.db"

    @property
    def journal_key(self) -> Path:
        """What the journal's checkpoints are signed with."""
        return self.state / "journal.key"

    @property
    def encryption_keys(self) -> list[Path]:
        """What recordings are encrypted and decrypted with."""
        return [self.base / file for file in self.config.journal.encryption_keys]


def locate(path: Path) -> Located:
    """Reads and checks the configuration; see `load`."""
    return Located(load(path), path)


def load(path: Path) -> Config:
    """Reads and checks the configuration.

    Args:
        path: The TOML file.

    Returns:
        The configuration, every path in it still as written.

    Raises:
        ConfigError: It cannot be read, is not TOML, or something in it is not known or not right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Problem(path, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(path, 0, "is not UTF-8 text")]) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(path, syntax_line(str(error), text), f"is not TOML: {error}")]) from error
    lines = Lines(text)
    try:
        config = msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        message, where = split_message(str(error))
        raise ConfigError([Problem(path, lines.of(where), message)]) from error
    problems = [Problem(path, lines.of(where), message) for where, message in contradictions(config)]
    if problems:
        raise ConfigError(problems)
    return config
