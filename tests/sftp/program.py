"""A program that is an SFTP server behind policy: `python -m tests.sftp.program DIRECTORY`.

OpenSSH's own server does the work; what is asked is judged by the policy in the directory, and events are
written to `events.json` there, a line each.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from narrows import _core
from narrows.model import Effect, Principal, Target, Transfer
from narrows.policy import judge_transfer, load

if TYPE_CHECKING:
    from narrows.policy import Policy

SERVER = "/usr/lib/openssh/sftp-server"
AGENT = Principal("entra", "t", "o", "app", groups=frozenset({"deployers"}))
HOST = Target("web", "ssh")


class Relay:
    """Carries bytes between this program's own input and output and the server's."""

    def __init__(self, directory: Path, server: subprocess.Popen[bytes]) -> None:
        assert server.stdin
        assert server.stdout
        self._policy: Policy = load(directory)
        self._events = (directory / "events.json").open("a")
        self._inspector = _core.SftpInspector()
        self._agent, self._target = sys.stdout.fileno(), server.stdin.fileno()

    def feed(self, side: str, data: bytes) -> None:
        self._perform(self._inspector.feed(side, data))  # type: ignore[arg-type]

    def hang_up(self) -> None:
        self._perform(self._inspector.hang_up())
        self._events.close()

    def _perform(self, actions: _core.SftpActions) -> None:
        for record in actions.records:
            self._events.write(json.dumps(record) + "\n")
        _write(self._target, actions.upstream)
        _write(self._agent, actions.downstream)
        for asked in actions.asks:
            paths = (asked.path,) if asked.other is None else (asked.path, asked.other)
            transfer = Transfer(asked.action, paths, "deploy", asked.directory)
            decision = judge_transfer(self._policy, AGENT, HOST, transfer)
            if decision.effect is Effect.ALLOW:
                self._perform(self._inspector.allow(asked.ask, rule=decision.rule, reusable=True))
            else:
                self._perform(
                    self._inspector.deny(
                        asked.ask, rule=decision.rule, reason=decision.reason, hint=decision.hint
                    )
                )
        if actions.close:
            raise SystemExit(actions.close)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def main() -> None:
    with (
        subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
        selectors.DefaultSelector() as selector,
    ):
        assert server.stdin
        assert server.stdout
        relay = Relay(Path(sys.argv[1]), server)
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ, "downstream")
        selector.register(server.stdout.fileno(), selectors.EVENT_READ, "upstream")
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, 1 << 16)
                if not data:
                    relay.hang_up()
                    server.stdin.close()
                    return
                relay.feed(key.data, data)


if __name__ == "__main__":
    main()
