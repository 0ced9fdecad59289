"""What the data plane is told alike of every protocol: an ask waits, an event is noted, a session ends."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class AnsweringPlane(Protocol):
    """The methods of `_core.Plane` that the answers of every protocol need. See `_core.pyi`."""

    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool: ...
    def record(self, session: int, document: str) -> bool: ...
    def policy_epoch(self) -> int: ...
    def close_session(self, session: int, *, reason: str, hint: str = "") -> bool: ...


PlaneT = TypeVar("PlaneT", bound=AnsweringPlane)


class PlaneAnswers(Generic[PlaneT]):
    """The part of `Answers` that no protocol has for itself.

    Args:
        plane: The data plane.
    """

    def __init__(self, plane: PlaneT) -> None:
        self._plane = plane

    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool:
        """See `Answers.hold`."""
        return self._plane.hold(ask, until_ms=until_ms, message=message, detail=detail, hint=hint)

    def record(self, session: int, document: str) -> bool:
        """See `Answers.record`."""
        return self._plane.record(session, document)

    def end(self, session: int, *, reason: str, hint: str = "") -> bool:
        """See `Answers.end`."""
        return self._plane.close_session(session, reason=reason, hint=hint)
