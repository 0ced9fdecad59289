"""The control plane's errors, so that a caller can tell whose fault something is.

A denial is not an error: it is a decision. These are for what keeps Narrows from deciding or working.
Every message says what is wrong, where, and what to do next; none holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class NarrowsError(Exception):
    """Base of everything that Narrows raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that a person wrote."""

    file: Path
    line: int
    """1-based; 0 when the whole file is meant."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class FileError(NarrowsError):
    """A configuration or policy file is wrong; holds every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class ConfigError(FileError):
    """The configuration cannot be used."""


class PolicyError(FileError):
    """The policy cannot be used."""


class IdentityError(NarrowsError):
    """Evidence does not make a principal. The message is shown to the one who presented it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class CredentialError(NarrowsError):
    """The credential for a target cannot be had."""


class ClusterError(NarrowsError):
    """A cluster's API server does not answer the gateway as it should."""


class StoreError(NarrowsError):
    """The store cannot be read or written."""


class ApprovalError(NarrowsError):
    """An approval request cannot be decided so. The message is shown to the one who tried."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        """`not-found`, `not-eligible`, `closed`, `digest-mismatch`, `reason-missing` or `too-many`."""
        super().__init__(message)


class PlaneError(NarrowsError):
    """The data plane refused a command or has stopped."""


class RecordingError(NarrowsError):
    """A recording is missing, incomplete or has been changed."""
