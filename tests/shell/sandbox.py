"""A throwaway account's directory with canaries, in which commands run for real."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .corpus import HOME

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "canary-4f1c9e"
DEADLINE_S = 10.0
LOGS = {
    "app.log": "1 error a\n2 warn b\n3 error c\n",
    "script": "touch touched\n",
    "evil.awk": 'BEGIN { system("touch touched") }\n',
    "evil.sed": "w touched\n",
    "evil.py": "open('touched', 'w')\n",
    "sitecustomize.py": "open('touched', 'w')\n",
    "Makefile": "evil:\n\ttouch touched\n",
    "curlrc": "url = file:secret/key\n",
}
CARRIER = """#!/bin/sh
# Stands for a program that runs the rest of its words: drops {skip} words, then options.
shift {skip}
while :; do case $1 in --) shift; break;; -u) shift 2;; -*) shift;; *) break;; esac; done
shift {after}
exec "$@"
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    stdout: bytes
    touched: bool
    """A canary is not as it was, or what it holds came out."""


class Sandbox:
    """Makes a fresh copy of the directory for every command."""

    def __init__(self) -> None:
        self.root = HOME.parent
        self.root.mkdir()
        self._template = self.root / "template"
        self._home = HOME
        self._programs = self.root / "programs"
        _fill(self._template)
        _stub(self._programs)
        self._user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        self._environment = {
            "PATH": f"{self._programs}:/usr/bin:/bin",
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        self.root.chmod(0o755)

    def run(self, text: str, shell: str = "bash") -> Ran:
        """Runs a text as sshd would, by the account's shell."""
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.copytree(self._template, self._home, symlinks=True)
        if self._user:
            for path in [self._home, *self._home.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")
        process = subprocess.Popen(
            [shell, "-c", text],
            cwd=self._home,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **self._user,
        )
        try:
            stdout, stderr = process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            stdout, stderr = process.communicate()
        return Ran(stdout, self._is_touched(stdout + stderr))

    def files(self) -> dict[str, bytes]:
        """What the last command left behind."""
        paths = (path for path in self._home.rglob("*") if ".git" not in path.parts and path.is_file())
        return {str(path.relative_to(self._home)): path.read_bytes() for path in paths}

    def close(self) -> None:
        shutil.rmtree(self.root)

    def _is_touched(self, output: bytes) -> bool:
        canary = self._home / "canary"
        whole = canary.is_file() and not canary.is_symlink() and canary.stat().st_mode & 0o777 == 0o644
        if not whole or canary.read_text() != "alive\n" or SECRET.encode() in output:
            return True
        copies = (path for path in (self._home / "work").rglob("*") if path.is_file())
        return any(self._home.rglob("touched")) or any(
            SECRET.encode() in path.read_bytes() for path in copies
        )


def _fill(home: Path) -> None:
    for name in ("logs", "secret", "work", "logs/bin"):
        (home / name).mkdir(parents=True)
    for name, text in LOGS.items():
        (home / "logs" / name).write_text(text)
    (home / "logs" / "bin" / "ls").write_text("#!/bin/sh\n/usr/bin/touch touched\n")
    (home / "logs" / "bin" / "ls").chmod(0o755)
    (home / "secret" / "key").write_text(SECRET + "\n")
    (home / "canary").write_text("alive\n")
    (home / "canary").chmod(0o644)
    (home / "work" / "x").write_text("x\n")
    (home / "app.py").write_text("print('the app')\n")
    (home / "app.sh").write_text("echo the app\n")
    for command in (
        ["tar", "cf", "logs/a.tar", "logs/app.log"],
        ["git", "init", "-q", "--template="],
        ["git", "add", "logs/app.log"],
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"],
    ):
        subprocess.run(command, cwd=home, check=True)


def _stub(directory: Path) -> None:
    """Programs that a host has and a sandbox may not."""
    directory.mkdir()
    stubs = {
        "sudo": CARRIER.format(skip=0, after=0),
        "docker": CARRIER.format(skip=1, after=1),
        "busybox": CARRIER.format(skip=0, after=0),
    }
    for name in ("systemctl", "journalctl", "kubectl", "psql", "dig", "ss", "ip"):
        stubs[name] = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"
    for name, text in stubs.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
