"""Which target a connection means: by the name it asks for, or for databases by the one it dialled (SNI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.errors import NarrowsError
from narrows.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.config import TargetSection


class NoSuchTargetError(NarrowsError):
    """The names given lead nowhere. Told only to who has authenticated."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Destination:
    """A target and the database on it, if it has any."""

    target: Target
    section: TargetSection
    database: str


class Destinations:
    """The configured targets by the names that lead to them."""

    def __init__(self, sections: Iterable[TargetSection]) -> None:
        self.sections = {section.name: section for section in sections}

    def name_in(self, database: str, server_name: str | None) -> str:
        """The target's name in what a connection gave, whether or not there is one of that name."""
        name = database.partition("/")[0]
        dialled = (server_name or "").partition(".")[0]
        return dialled if name not in self.sections and dialled in self.sections else name

    def known(self, name: str) -> Target | None:
        """The target of that name, if it is configured."""
        section = self.sections.get(name)
        return target_of(section) if section else None

    def find(self, database: str, user: str, server_name: str | None) -> Destination:
        """The destination of a connection.

        Args:
            database: `target` or `target/database`; with a target's name dialled, its database. A client that
                names none sends its user name.
            user: The login name.
            server_name: The name in the TLS handshake, if any.

        Raises:
            NoSuchTargetError: Nothing is configured so.
        """
        name = self.name_in(database, server_name)
        section = self._section(name, "postgres")
        asked = database if database.partition("/")[0] != name else database.partition("/")[2]
        if asked not in ("", section.database) and asked != user:
            raise NoSuchTargetError(
                f"target {name} serves its database {section.database} only", f"Connect to {name}."
            )
        return Destination(target_of(section), section, section.database)

    def host(self, name: str, login: str) -> Destination:
        """The destination of an SSH connection. Raises NoSuchTargetError."""
        section = self._section(name, "ssh")
        if login not in section.logins:
            logins = ", ".join(section.logins)
            raise NoSuchTargetError(f"target {name} has no login {login} for agents", f"Logins: {logins}.")
        return Destination(target_of(section), section, "")

    def cluster(self, name: str) -> Destination:
        """The destination of API calls. Raises NoSuchTargetError."""
        section = self._section(name, "kubernetes")
        return Destination(target_of(section), section, "")

    def _section(self, name: str, kind: str) -> TargetSection:
        section = self.sections.get(name)
        if section is None or section.kind != kind:
            names = sorted(one.name for one in self.sections.values() if one.kind == kind)
            raise NoSuchTargetError(
                f"there is no target {name}", f"Targets here: {', '.join(names) or 'none'}."
            )
        return section


def target_of(section: TargetSection) -> Target:
    """The target as policy sees it."""
    return Target(section.name, section.kind, section.labels)
