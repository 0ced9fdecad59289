"""Verdicts of one session that hold for the same operation again, so that it crosses to Trio once.

They rest on a policy and on who is revoked: with another of either, none of them holds. Only what policy
alone allowed is kept, never what people decided, and never a denial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.ssh import limits

if TYPE_CHECKING:
    from narrows.model import Operation
    from narrows.ssh.control import Verdict


class KeptVerdicts:
    """Verdicts by the operation, every part of it, for one epoch."""

    def __init__(self) -> None:
        self._epoch: object = None
        self._kept: dict[Operation, Verdict] = {}

    def find(self, operation: Operation, epoch: object) -> Verdict | None:
        """The verdict on an operation, if it holds.

        Args:
            operation: What is attempted.
            epoch: What verdicts rest on now.
        """
        if epoch != self._epoch:
            self._kept.clear()
            self._epoch = epoch
        return self._kept.get(operation)

    def keep(self, operation: Operation, verdict: Verdict, epoch: object) -> None:
        """Keeps a verdict that may be used again.

        Args:
            operation: What it is about.
            verdict: The answer to the ask.
            epoch: What verdicts rested on when it was asked about.
        """
        too_long = len(operation.text) > limits.KEPT_TEXT_CHARACTERS_MAX
        if not verdict.reusable or too_long or epoch != self._epoch:
            return
        if len(self._kept) >= limits.VERDICTS_KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[operation] = verdict
