"""What a command does, one by one: programs run, files opened, variables set, and what cannot be seen."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from narrows.policy.ssh.ansible import step_of
from narrows.policy.ssh.carriers import carried
from narrows.policy.ssh.destructive import classes_of
from narrows.policy.ssh.reading import parse_command
from narrows.policy.ssh.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.model import Command
    from narrows.policy.ssh.reading import ParsedCommand, SimpleCommand


@dataclass(frozen=True, slots=True)
class Run:
    """A program is started."""

    words: Words
    opaque: str = ""
    """Why its words do not say what it does; empty where they do."""
    classes: frozenset[str] = frozenset()
    """The destructive classes that it is in, or could be."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        shown = shlex.join(self.words.all) + (" …" if self.words.open_ended else "")
        return f"running `{shown}` ({self.opaque})" if self.opaque else f"running `{shown}`"


@dataclass(frozen=True, slots=True)
class Open:
    """The shell, or a program by an option that is known, opens a file."""

    mode: Literal["read", "write"]
    path: str

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"{'reading' if self.mode == 'read' else 'writing'} {self.path}"


@dataclass(frozen=True, slots=True)
class Carry:
    """A program that carries files for an agent's client uses a right at a path and below."""

    run: Run
    """The program, of which rules for commands speak."""
    right: str
    path: str

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"`{self.run.words.argv[0]}` with {self.right} at {self.path} and below"


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable is set for a program."""

    name: str
    value: str

    @property
    def sentence(self) -> str:
        """The access in words; the value is not among them, for it may be a secret."""
        return f"setting {self.name}"


@dataclass(frozen=True, slots=True)
class Unseen:
    """The text as a whole is not understood: a person may read it, a rule cannot."""

    text: str
    reason: str

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"a command that cannot be judged by its words ({self.reason})"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a task of Ansible's; what its module does, no rule sees."""

    text: str
    does: str
    terminal: bool = False
    """Ansible asks for one, so that its commands end with the connection; nothing is typed there."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"a step of Ansible's ({self.does})"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal, or with it a whole shell: what is typed into it, no rule sees."""

    shell: bool

    @property
    def sentence(self) -> str:
        """The access in words."""
        return "an interactive shell" if self.shell else "a terminal"


@dataclass(frozen=True, slots=True)
class Subsystem:
    """A subsystem is started; of those, only SFTP is one that policy sees into."""

    name: str

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"the subsystem {self.name}"


Access = Run | Open | Carry | Assign | Unseen | Step | Terminal | Subsystem


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command, read once."""

    accesses: tuple[Access, ...]
    released: str
    """What may be sent to the target; empty where nothing may."""
    unusable: str = ""
    """Why no one may let it through: it is no command."""


def read_command(command: Command, *, knows_ansible: bool) -> CommandFacts:
    """The facts of a command.

    Args:
        command: As it was sent.
        knows_ansible: Whether some rule speaks of Ansible. Otherwise its commands are like all others.
    """
    around: tuple[Access, ...] = tuple(Assign(name, value) for name, value in command.environment)
    if (
        knows_ansible
        and command.start == "exec"
        and (does := step_of(command.text, terminal=command.terminal))
    ):
        return CommandFacts((*around, Step(command.text, does, command.terminal)), command.text)
    if command.terminal or command.start == "shell":
        around = (*around, Terminal(shell=command.start == "shell"))
    if command.start == "shell":
        return CommandFacts(around, "")
    if command.start == "subsystem":
        return CommandFacts((*around, Subsystem(command.text)), command.text)
    parsed = parse_command(command.text)
    if parsed.outcome == "opaque":
        return CommandFacts((*around, Unseen(command.text, parsed.reason)), command.text)
    if parsed.outcome != "understood":
        return CommandFacts((), "", unusable=f"{parsed.outcome}: {parsed.reason}")
    return CommandFacts((*around, *_accesses(parsed)), parsed.released)


def _accesses(parsed: ParsedCommand) -> Iterator[Access]:
    for command in parsed.commands:
        yield from (Assign(name, value) for name, value in command.assignments)
        yield from (Open(mode, path) for mode, path in command.touches)
        if command.argv:
            yield from _runs(command)
        elif command.opaque:
            yield Unseen("", command.opaque)


def _runs(command: SimpleCommand) -> Iterator[Run | Carry]:
    argv = tuple(command.argv)
    words = Words(tuple(command.through), argv, frozenset(command.patterns), command.open_ended)
    certain = not (words.through or words.globs or words.open_ended)
    classes = classes_of(argv, open_ended=command.open_ended)
    if certain and (rights := carried(argv)):
        run = Run(words, classes=classes)
        yield from (Carry(run, one.right, one.path) for one in rights)
    else:
        yield Run(words, command.opaque or "", classes)
